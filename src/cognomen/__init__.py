"""Cognomen: Amazon Cognito user pools that you run yourself. docs/architecture.md is the map of the rooms."""
