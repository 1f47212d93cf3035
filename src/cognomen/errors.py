"""Every sentence a caller can read, in one table: the wire's error type and AWS's text, word for word.

    Refusal                 what is raised: an error type, a message, a status
    Sentence                a row of the table, called: raise errors.USER_POOL_NOT_FOUND(id=user_pool_id)

Each area has its heading. It stays one file, though a long one: whoever met a text searches it for the words, whoever reads a
handler for the name, and a split by area would need a list of all names again, since many areas raise each other's sentences.

Clients compare these texts, so a full stop more is a defect. Where the source of a text is doubtful (see
docs/unsure.md) the choice is made here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass


class Refusal(Exception):  # noqa: N818  it is an answer to the caller, not a fault of ours
    """A request is refused: the wire's error `type`, the `message` a caller reads, the HTTP `status`.

    `sentence` is the row of the table that it was made of; None where the words are another's. `advice` says what to do about
    it, to those alone who set up the app: on a page in open mode, and in the log.
    """

    def __init__(
        self,
        type: str,  # noqa: A002  the wire's noun
        message: str | None,
        status: int = 400,
        sentence: Sentence | None = None,
        advice: str = "",
    ) -> None:
        super().__init__(f"{type}: {message}")
        self.type = type
        self.message = message
        self.status = status
        self.sentence = sentence
        self.advice = advice

    def is_(self, *sentences: Sentence) -> bool:
        """Whether it is one of these, whatever values stand in it."""
        return self.sentence in sentences


@dataclass(frozen=True)
class Sentence:
    """A row of the table; called with the values of its placeholders it makes the Refusal to raise."""

    type: str
    text: str | None
    status: int = 400
    advice: str = ""

    def __call__(self, **values: object) -> Refusal:
        message = self.text.format_map(values) if self.text and values else self.text
        advice = self.advice.format_map(values) if self.advice and values else self.advice
        return Refusal(self.type, message, self.status, self, advice)


def explained(message: str | None, advice: str) -> str:
    """What is wrong and what to do about it, as one text; some sentences of the service have no full stop."""
    if message and advice and not message.endswith("."):
        message += "."
    return " ".join(filter(None, (message, advice)))


# -- the wire, before an operation is known or run ------------------------------------------------------------------

UNKNOWN_OPERATION = Sentence("UnknownOperationException", None)
NOT_YET_AVAILABLE = Sentence(
    "UnknownOperationException",
    "Cognomen does not provide {operation} yet. The README says what works.",
)
SERIALIZATION = Sentence("SerializationException", None)
WRONG_TYPE = Sentence("SerializationException", "{reason}")
BODY_TOO_LARGE = Sentence("RequestEntityTooLarge", "The request body is larger than {limit} bytes.", 413)
REPEATED_HEADER = Sentence("MalformedHttpRequestException", "The header {header} was sent more than once.")
REQUEST_TIMEOUT = Sentence("RequestTimeout", "The request body did not arrive in time.", 408)
INTERNAL_ERROR = Sentence("InternalErrorException", "Something went wrong", 500)
UNAVAILABLE = Sentence("InternalErrorException", "The database cannot be reached or written; try again.", 500)
MISSING_AUTHENTICATION_TOKEN = Sentence("MissingAuthenticationTokenException", "Missing Authentication Token")
INCOMPLETE_SIGNATURE = Sentence("IncompleteSignatureException", "{reason}")
UNRECOGNIZED_CLIENT = Sentence(
    "UnrecognizedClientException", "The security token included in the request is invalid."
)
SIGNATURE_MISMATCH = Sentence(
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
)
SIGNATURE_EXPIRED = Sentence(
    "InvalidSignatureException", "Signature expired: {signed} is now earlier than {earliest}"
)
SIGNATURE_NOT_YET_CURRENT = Sentence(
    "InvalidSignatureException", "Signature not yet current: {signed} is still later than {latest}"
)
WRONG_CREDENTIAL_SCOPE = Sentence("InvalidSignatureException", "Credential should be scoped to {scope}.")
WRONG_CREDENTIAL_TERMINATOR = Sentence(
    "InvalidSignatureException",
    "Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'.",
)
CREDENTIAL_DATE_MISMATCH = Sentence(
    "InvalidSignatureException",
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != "
    "'{expected}', from '{timestamp}'.",
)
UNSIGNED_HEADER = Sentence(
    "InvalidSignatureException", "'{header}' must be a 'SignedHeader' in the AWS Authorization."
)
SIGNED_FROM_BROWSER = Sentence(
    "AccessDeniedException",
    "This server does not run signed operations for web pages: the request carries Origin: {origin}.",
)
WRONG_HOST = Sentence(
    "AccessDeniedException",
    "In open mode this server answers only to loopback host names, not to {host}. Create an access key with "
    "'cognomen keys create' to serve other names.",
)
ACCESS_DENIED = Sentence(
    "AccessDeniedException",
    "User: {principal} is not authorized to perform: cognito-idp:{operation} on resource: {resource} because {reason}",
)
TOO_MANY_REQUESTS = Sentence("TooManyRequestsException", "Rate exceeded")
VALIDATION = Sentence("InvalidParameterException", "{violations}")
NOT_IN_ENUM = Sentence(
    "InvalidParameterException",
    "1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: Member must satisfy enum "
    "value set: [{known}]",
)
DUPLICATE_ELEMENTS = Sentence(
    "InvalidParameterException",
    "1 validation error detected: Value '[{values}]' at '{path}' failed to satisfy constraint: Member must not contain "
    "duplicate elements",
)
INVALID_PAGINATION_TOKEN = Sentence("InvalidParameterException", "Invalid pagination token given.")

# -- things that are not there ---------------------------------------------------------------------------------------

USER_POOL_NOT_FOUND = Sentence("ResourceNotFoundException", "User pool {id} does not exist.")
APP_CLIENT_NOT_FOUND = Sentence("ResourceNotFoundException", "User pool client {id} does not exist.")
CLIENT_SECRET_NOT_FOUND = Sentence("ResourceNotFoundException", "Client secret {id} does not exist.")
RESOURCE_SERVER_NOT_FOUND = Sentence("ResourceNotFoundException", "Resource server {id} does not exist.")
# The service has one sentence for both; here a pool that is not there is told before, by USER_POOL_NOT_FOUND.
DOMAIN_NOT_FOUND = Sentence("InvalidParameterException", "No such domain or user pool exists.")
STYLE_NOT_FOUND = Sentence("ResourceNotFoundException", "Managed login branding {id} does not exist.")
STYLE_OF_CLIENT_NOT_FOUND = Sentence(
    "ResourceNotFoundException", "User pool client {id} has no managed login branding."
)
TERMS_NOT_FOUND = Sentence("ResourceNotFoundException", "Terms {id} do not exist.")
TERMS_OF_CLIENT_NOT_FOUND = Sentence(
    "ResourceNotFoundException", "User pool client {id} has no terms named {name}."
)
USER_NOT_FOUND = Sentence("UserNotFoundException", "User does not exist.")
DEVICE_NOT_FOUND = Sentence("ResourceNotFoundException", "Device does not exist.")
IMPORT_JOB_NOT_FOUND = Sentence("ResourceNotFoundException", "User import job {id} does not exist.")
GROUP_NOT_FOUND = Sentence("ResourceNotFoundException", "Group not found.")
IDENTITY_PROVIDER_NOT_FOUND = Sentence(
    "ResourceNotFoundException", "Identity provider {name} does not exist."
)

# -- ids that a call wishes for, which the service knows nothing of --------------------------------------------------

POOL_ID_MALFORMED = Sentence(
    "InvalidParameterException",
    "A user pool cannot have the id {id}: it must begin with {region}_, have letters and digits after it, and at most 55 "
    "characters.",
)
POOL_ID_TAKEN = Sentence(
    "InvalidParameterException", "There is a user pool {id} already. Delete it first, or choose another id."
)
APP_CLIENT_ID_MALFORMED = Sentence(
    "InvalidParameterException",
    "An app client cannot have the id {id}: it must have 1 to 128 letters, digits, _ or +.",
)
APP_CLIENT_ID_TAKEN = Sentence(
    "InvalidParameterException",
    "There is an app client {id} already, in this user pool or in another. Delete it first, or choose another id.",
)

# -- the control of test suites, which answers with the words alone --------------------------------------------------

NOTHING_HERE = Sentence("ResourceNotFoundException", "There is nothing at this address.", 404)
NOT_IN_CONTROL = Sentence(
    "ResourceNotFoundException",
    "There is no {method} {path} here. GET /_cognomen/ lists what there is.",
    404,
)
CONTROL_NO_POOL = Sentence(
    "ResourceNotFoundException", "User pool {id} does not exist; ListUserPools tells which there are.", 404
)
CONTROL_FROM_BROWSER = Sentence(
    "AccessDeniedException",
    "Web pages may not use this: the request carries Origin: {origin}. Ask from the program that runs the tests.",
)
CONTROL_BODY = Sentence("InvalidParameterException", "{reason}")
CONTROL_CONTENT_TYPE = Sentence(
    "InvalidParameterException", "The body must be JSON: send it with Content-Type: {expected}."
)
CONTROL_QUERY = Sentence("InvalidParameterException", "{reason}")
INVALID_CIPHERTEXT = Sentence("InvalidCiphertextException", None)
CLOCK_OF_SEVERAL_WORKERS = Sentence(
    "InvalidParameterException",
    "The clock cannot be moved while {workers} workers serve, since each has its own. Start the server with --workers 1.",
)
CLOCK_BACKWARDS = Sentence(
    "InvalidParameterException",
    'The clock only moves forwards, and it is {now}. Put it right first, with {{"reset": true}}.',
)
CLOCK_TOO_FAR = Sentence("InvalidParameterException", "The clock cannot be moved beyond {latest}.")

# -- user pools ------------------------------------------------------------------------------------------------------

POOL_PROTECTED = Sentence(
    "InvalidParameterException",
    "The user pool cannot be deleted because deletion protection is activated. "
    "Deletion protection must be inactivated first.",
)
POOL_HAS_DOMAIN = Sentence(
    "InvalidParameterException",
    "User pool cannot be deleted. It has a domain configured that should be deleted first.",
)
ALIAS_AND_USERNAME_ATTRIBUTES = Sentence(
    "InvalidParameterException",
    "Only one of the aliasAttributes or usernameAttributes can be set in a User pool.",
)
PREFERRED_USERNAME_REQUIRED_AND_ALIAS = Sentence(
    "InvalidParameterException", "preferred_username can not be both a required attribute and an alias."
)
# The texts of the next six are ours.
SOFTWARE_TOKEN_COMES_SECOND = Sentence(
    "InvalidParameterException", "SOFTWARE_TOKEN is not currently supported as a first auth factor."
)
NO_SENDER_OF_SMS = Sentence(
    "InvalidParameterException", "SmsConfiguration must have either SnsCallerArn or EumsSms."
)
TWO_SENDERS_OF_SMS = Sentence(
    "InvalidParameterException", "SmsConfiguration can have either SnsCallerArn or EumsSms, not both."
)
INVITATION_WITHOUT_PLACES = Sentence(
    "InvalidParameterException", "InviteMessageTemplate.{member} must contain {places}."
)
SMS_REGION = Sentence(
    "InvalidParameterException", "The Region of EumsSms must be the Region of the user pool, {region}."
)
EMAIL_MFA_AND_RECOVERY = Sentence(
    "InvalidParameterException",
    "Email MFA cannot be used when verified_email is the only account recovery mechanism.",
)
KEY_ARN_REQUIRED = Sentence(
    "InvalidParameterException", "KmsKeyArn is required when KeyType is CUSTOMER_MANAGED_KEY."
)
ACR_NAMES_NOT_UNIQUE = Sentence(
    "InvalidParameterException",
    "The names of ACR levels must be unique across all levels, including default names.",
)
PRE_TOKEN_GENERATION_ARNS_DIFFER = Sentence(
    "InvalidParameterException",
    "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's",
)
UNUSED_ACCOUNT_VALIDITY_RETIRED = Sentence(
    "InvalidParameterException",
    "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays",
)
MFA_NEEDS_SMS = Sentence(
    "InvalidParameterException",
    "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
)
MFA_OFF_WITH_FACTOR = Sentence(
    "InvalidParameterException",
    "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
)
MFA_ALL_DISABLED = Sentence(
    "InvalidParameterException",
    "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.",
)
MFA_WITHOUT_FACTOR = Sentence(
    "InvalidParameterException",
    "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
)
PHONE_VERIFICATION_NEEDS_SMS = Sentence(
    "InvalidParameterException",
    "SMS configuration is required when phone_number is selected for auto verification",
)
MFA_EXCLUDES_CODES = Sentence(
    "InvalidParameterException",
    "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled",
)
ADMIN_ONLY_RECOVERY_MIXED = Sentence(
    "InvalidParameterException",
    "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.",
)
RECOVERY_DUPLICATES = Sentence(
    "InvalidParameterException",
    "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.",
)
PASSWORD_FACTOR_REQUIRED = Sentence(
    "InvalidParameterException", "Password should be configured as one of the allowed first auth factors."
)
DEVELOPER_EMAIL_NEEDS_ARN = Sentence(
    "InvalidParameterException", "Source ARN is required to use DEVELOPER email sending owner"
)
INVALID_FROM_ADDRESS = Sentence("InvalidParameterException", "Provided From email address is invalid")
TIER_FEATURES = Sentence(
    "FeatureUnavailableInTierException",
    "The following features need to be disabled for the {tier} pricing tier configured: {features}",
)
FEATURE_NOT_IN_TIER = Sentence(
    "FeatureUnavailableInTierException",
    "The following feature is not available for the {tier} pricing tier configured: {feature}",
)
TIER_CHANGE = Sentence(
    "TierChangeNotAllowedException",
    "The following features need to be disabled for the {tier} pricing tier configured: {features}",
)
SENDER_NEEDS_KEY = Sentence(
    "InvalidParameterException",
    "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
)
VERIFICATION_TEXTS_DIFFER = Sentence(
    "InvalidParameterException",
    "{legacy} and VerificationMessageTemplate.{member} cannot have different values.",
)
SES_REGION = Sentence(
    "InvalidParameterException",
    "Provided SourceArn must be in one of the following SES regions: {regions}.",
)
EMAIL_IDENTITY_NOT_USABLE = Sentence(
    "InvalidParameterException", "Cognito is not allowed to use your email identity"
)
EMAIL_MFA_NEEDS_DEVELOPER = Sentence(
    "InvalidParameterException",
    "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of "
    "COGNITO_DEFAULT.",
)

# -- tags and limits -------------------------------------------------------------------------------------------------

TOO_MANY_TAGS = Sentence("UserPoolTaggingException", "A user pool can have at most {limit} tags.")
RESERVED_TAG = Sentence(
    "UserPoolTaggingException", "aws: prefixed tag key names are not allowed for external use."
)
# TagResource declares no UserPoolTaggingException.
TAG_LIMIT = Sentence("InvalidParameterException", "A user pool can have at most {limit} tags.")
RESERVED_TAG_KEY = Sentence(
    "InvalidParameterException", "aws: prefixed tag key names are not allowed for external use."
)
INVALID_RESOURCE_ARN = Sentence("InvalidParameterException", "{arn} is not the ARN of a user pool: {form}")
INVALID_LIMIT_ATTRIBUTES = Sentence(
    "InvalidParameterException", "The attributes of an API_CATEGORY limit are Category and no other."
)
UNKNOWN_LIMIT = Sentence(
    "ResourceNotFoundException", "There is no limit that can be provisioned for the category {category}."
)
LIMIT_BELOW_DEFAULT = Sentence(
    "InvalidParameterException", "The limit of {category} cannot be below its default of {default}."
)
LIMIT_ABOVE_QUOTA = Sentence(
    "ServiceQuotaExceededException", "The limit of {category} cannot be above the account's {limit}."
)
TOO_MANY = Sentence("LimitExceededException", "{what} limit exceeded: at most {limit}.")

# -- import jobs -----------------------------------------------------------------------------------------------------

IMPORT_IN_PROGRESS = Sentence(
    "UserImportInProgressException", "A user import job is in progress for this user pool."
)
IMPORT_NOT_STARTABLE = Sentence(
    "PreconditionNotMetException", "The user import job cannot be started: {reason}."
)
IMPORT_NOT_STOPPABLE = Sentence(
    "PreconditionNotMetException", "The user import job cannot be stopped: its status is {status}."
)
# Of single rows, told in the log of a job.
IMPORT_ROW_MALFORMED = Sentence(
    "InvalidParameterException", "The row has {found} values, and the header {expected} columns."
)
FORM_OF_USERNAME = Sentence(
    "InvalidParameterException",
    "cognito:username must have 1 to {limit} characters: letters, marks, numbers, symbols and punctuation.",
)
FORM_OF_VALUE = Sentence(
    "InvalidParameterException", "{name} must have at most {limit} characters, and no NUL among them."
)
IMPORT_NOTHING_VERIFIED = Sentence(
    "InvalidParameterException",
    "The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true).",
)
IMPORT_MFA_UNLIKE_POOL = Sentence(
    "InvalidParameterException", "{column} does not agree with the MFA configuration of the user pool."
)
IMPORT_HASH_WITHOUT_ALGORITHM = Sentence(
    "InvalidParameterException", "The row has a password hash, and the job no PasswordHashingAlgorithm."
)
IMPORT_HASH_UNUSABLE = Sentence(
    "InvalidParameterException", "The password hash cannot be used as {algorithm}: {reason}."
)
# At the pre-signed URL, in the words of Amazon S3 where it has some.
UPLOAD_UNAVAILABLE = Sentence("ServiceUnavailable", UNAVAILABLE.text, 503)
UPLOAD_UNSIGNED = Sentence(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    403,
)
UPLOAD_EXPIRED = Sentence("AccessDenied", "Request has expired", 403)
UPLOAD_TOO_LARGE = Sentence(
    "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size of {limit} bytes."
)
UPLOAD_TOO_SLOW = Sentence(
    "RequestTimeout",
    "Your socket connection to the server was not read from or written to within the timeout period.",
)
UPLOAD_CONFLICT = Sentence(
    "OperationAborted", "Another file was uploaded for this job at the same time. Please try again.", 409
)

# -- the schema ------------------------------------------------------------------------------------------------------

STANDARD_ATTRIBUTE_FIXED = Sentence(
    "InvalidParameterException",
    "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {name}",
)
ATTRIBUTE_TYPE_MISSING = Sentence(
    "InvalidParameterException",
    "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
)
ATTRIBUTE_NAME_MISSING = Sentence("InvalidParameterException", "An attribute of the schema needs a Name.")
CUSTOM_ATTRIBUTE_REQUIRED = Sentence(
    "InvalidParameterException", "Required custom attributes are not supported currently."
)
DUPLICATE_ATTRIBUTE = Sentence(
    "InvalidParameterException",
    "Duplicate custom attribute names {name} are not allowed in a user pool schema.",
)
ATTRIBUTE_EXISTS = Sentence(
    "InvalidParameterException", "{name}: Existing attribute already has name {existing}."
)
ATTRIBUTE_LENGTHS_CROSSED = Sentence(
    "InvalidParameterException", "Attribute {name} cannot have a max length shorter than it's min length"
)
ATTRIBUTE_VALUES_CROSSED = Sentence(
    "InvalidParameterException", "Attribute {name} cannot have a max value smaller than it's min value"
)
INVALID_ATTRIBUTE_CONSTRAINT = Sentence(
    "InvalidParameterException", "{name}: invalid {constraint} constraint."
)
# AddCustomAttributes declares no LimitExceededException.
TOO_MANY_CUSTOM_ATTRIBUTES = Sentence(
    "InvalidParameterException", "A user pool can have at most {limit} custom attributes."
)

# -- app clients -----------------------------------------------------------------------------------------------------

MIXED_FLOW_NAMES = Sentence(
    "InvalidParameterException",
    "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.",
)
ROTATION_EXCLUDES_REFRESH_FLOW = Sentence(
    "InvalidParameterException",
    "ALLOW_REFRESH_TOKEN_AUTH is not a permitted ExplicitAuthFlow when refresh token rotation is enabled.",
)
TOKEN_VALIDITY_RANGE = Sentence("InvalidParameterException", "Invalid range for token validity.")
TOKEN_OUTLIVES_REFRESH = Sentence(
    "InvalidParameterException",
    "Access and Id Token expiration times must be less than or equal to refresh token expiration times.",
)
OAUTH_NEEDS_FLOWS_AND_SCOPES = Sentence(
    "InvalidParameterException",
    "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
)
OAUTH_NEEDS_CALLBACK = Sentence(
    "InvalidParameterException", "CallbackUrls can not be empty when code flow or implicit flow is selected"
)
CLIENT_CREDENTIALS_ALONE = Sentence(
    "InvalidOAuthFlowException",
    "client_credentials flow can not be selected along with code flow or implicit flow.",
)
CLIENT_CREDENTIALS_NEEDS_SECRET = Sentence(
    "InvalidOAuthFlowException",
    "client_credentials flow can not be selected if client does not have a client secret.",
)
CLIENT_TOKEN_FLOW_ALONE = Sentence(
    "InvalidParameterException", "ALLOW_CLIENT_TOKEN_AUTH cannot be used with other auth flows."
)
CLIENT_TOKEN_FLOW_NEEDS_SECRET = Sentence(
    "InvalidParameterException", "ALLOW_CLIENT_TOKEN_AUTH requires a client secret."
)
TOKEN_EXCHANGE_FLOW_NEEDS_SECRET = Sentence("InvalidParameterException", "{flow} requires a client secret.")
URL_USES_HTTP = Sentence("InvalidParameterException", "{url} cannot use the HTTP protocol.")
URL_HAS_FRAGMENT = Sentence("InvalidParameterException", "{url} cannot use fragment")
INVALID_URL = Sentence("InvalidParameterException", "{url} is not a valid URL.")
DEFAULT_REDIRECT_UNLISTED = Sentence(
    "InvalidParameterException", "The default redirect URI {url} is not in the callback URIs list."
)
SCOPE_DOES_NOT_EXIST = Sentence("ScopeDoesNotExistException", "Invalid scope requested: {scope}")
PROVIDER_DOES_NOT_EXIST = Sentence(
    "InvalidParameterException", "The provider {name} does not exist for User Pool {id}"
)
PROVIDERS_MIXED = Sentence(
    "InvalidParameterException",
    "A client of a SAML provider with IDPInit supports SAML identity providers only.",
)
INVALID_WRITE_ATTRIBUTES = Sentence(
    "InvalidParameterException", "Invalid write attributes specified while creating a client"
)
INVALID_READ_ATTRIBUTES = Sentence(
    "InvalidParameterException", "Invalid read attributes specified while creating a client"
)
PROPAGATION_NEEDS_SECRET = Sentence(
    "InvalidParameterException",
    "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
)
INVALID_ANALYTICS = Sentence(
    "InvalidParameterException",
    "Invalid analytics configuration given, either <application arn> or <application id, role arn, external id> "
    "are valid",
)
SECRET_GIVEN_AND_GENERATED = Sentence(
    "InvalidParameterException", "Only one of GenerateSecret and ClientSecret can be specified."
)
SECRET_OF_PUBLIC_CLIENT = Sentence(
    "InvalidParameterException", "A secret can only be added to a client that was created with one."
)
SECRET_OF_REGISTERED_CLIENT = Sentence(
    "InvalidParameterException", "The secret of a client that registered itself cannot be changed."
)
SECRET_IS_THERE = Sentence("InvalidParameterException", "The client has this secret already.")
LAST_SECRET = Sentence("InvalidParameterException", "The last secret of a client cannot be deleted.")

# -- domains and resource servers ------------------------------------------------------------------------------------

INVALID_DOMAIN = Sentence(
    "InvalidParameterException",
    "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and "
    "hyphens. Please enter a different name that follows this format: ^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?$",
)
RESERVED_WORD_IN_DOMAIN = Sentence("InvalidParameterException", "Domain cannot contain reserved word: {word}")
NO_SUBDOMAIN = Sentence(
    "InvalidParameterException",
    "Custom domain is not a valid subdomain: Was not able to resolve the root domain, please ensure an A record exists "
    "for the root domain.",
)
DOMAIN_TAKEN = Sentence("InvalidParameterException", "Domain already associated with another user pool.")
DOMAIN_OF_KIND_EXISTS = Sentence("InvalidParameterException", "User pool already has a domain configured.")
CERTIFICATE_NOT_USABLE = Sentence(
    "InvalidParameterException",
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid "
    "certificate chain.",
)
PREFIX_HAS_NO_CERTIFICATE = Sentence(
    "InvalidParameterException", "CustomDomainConfig can only be given for a custom domain."
)
ROUTING_NEEDS_CUSTOM_DOMAIN = Sentence(
    "InvalidParameterException", "Routing can only be given for a custom domain."
)
MANAGED_LOGIN_VERSION = Sentence(
    "InvalidParameterException", "ManagedLoginVersion must be 1 or 2, not {version}."
)
RESOURCE_SERVER_EXISTS = Sentence(
    "InvalidParameterException", "{identifier} already exists in user pool {id}."
)
RESERVED_IDENTIFIER = Sentence("InvalidParameterException", "The identifier {identifier} is reserved.")
DUPLICATE_SCOPE = Sentence(
    "InvalidParameterException", "Duplicate scope name {name} is not allowed in a resource server."
)

# -- branding, terms -------------------------------------------------------------------------------------------------

STYLE_EXISTS = Sentence(
    "ManagedLoginBrandingExistsException", "User pool client {id} already has a managed login branding."
)
PROVIDED_VALUES_ALONE = Sentence(
    "InvalidParameterException",
    "Settings and Assets cannot be specified when UseCognitoProvidedValues is true.",
)
INVALID_STYLE_SETTINGS = Sentence("InvalidParameterException", "Invalid Settings: {path} {reason}.")
ASSET_EXTENSION = Sentence(
    "InvalidParameterException", "An asset of category {category} cannot have the extension {extension}."
)
ASSET_BYTES_MISSING = Sentence("InvalidParameterException", "The asset {category} {color_mode} has no Bytes.")
ASSET_CONTENT = Sentence(
    "InvalidParameterException", "The Bytes of the asset {category} {color_mode} are no {extension} image."
)
UNSAFE_SVG = Sentence(
    "InvalidParameterException", "The SVG image of the asset {category} {color_mode} {reason}."
)
DUPLICATE_ASSET = Sentence(
    "InvalidParameterException", "The asset {category} {color_mode} was given more than once."
)
TOO_MANY_ASSETS = Sentence("InvalidParameterException", "A style can have at most {limit} assets.")
DOMAIN_REQUIRED = Sentence(
    "InvalidParameterException", "There has to be an existing domain associated with this user pool"
)
CSS_TOO_LARGE = Sentence("InvalidParameterException", "The CSS is larger than {limit} bytes.")
CSS_NOT_READ = Sentence("InvalidParameterException", "CSS contains invalid syntax: {text}")
CSS_AT_RULE = Sentence("InvalidParameterException", "CSS contains invalid at-rule {name}")
CSS_CLASS = Sentence("InvalidParameterException", "CSS contains invalid class {name}")
CSS_PROPERTY = Sentence("InvalidParameterException", "CSS contains invalid property {name} of {selector}")
CSS_VALUE = Sentence("InvalidParameterException", "CSS contains invalid value {value} of {name}")
LOGO_TOO_LARGE = Sentence("InvalidParameterException", "The image file is larger than {limit} bytes.")
LOGO_FORMAT = Sentence("InvalidParameterException", "The image file is neither a PNG nor a JPEG image.")
TERMS_EXIST = Sentence("TermsExistsException", "User pool client {id} already has terms named {name}.")
TERMS_NEED_LINKS = Sentence("InvalidParameterException", "Links are required.")
TERMS_NEED_DEFAULT = Sentence("InvalidParameterException", "Links must have an entry for {language}.")
INVALID_TERMS_LINK = Sentence("InvalidParameterException", "{url} is not a valid URL.")

# -- replicas --------------------------------------------------------------------------------------------------------

OPERATION_NOT_ENABLED = Sentence(
    "OperationNotEnabledException",
    "{operation} is not enabled in this region for the user pool; its primary region is {region}.",
)
ONLY_AT_HOME = Sentence(
    "InvalidParameterException",
    "Only regional settings can be changed here; the primary region of the user pool is {region}.",
)
REPLICATION_NEEDS_OWN_KEY = Sentence(
    "InvalidParameterException",
    "A replica requires a user pool with KeyConfiguration of KeyType CUSTOMER_MANAGED_KEY and a multi-Region key.",
)
REPLICATION_NEEDS_ISSUER = Sentence(
    "InvalidParameterException", "A replica requires a user pool with IssuerConfiguration of Type UPDATED."
)
REPLICA_AT_HOME = Sentence(
    "InvalidParameterException", "{region} is the primary region of the user pool and cannot have a replica."
)
REPLICA_LIMIT = Sentence("LimitExceededException", "A user pool can have one replica.")
REPLICA_NOT_FOUND = Sentence(
    "ResourceNotFoundException", "User pool {id} does not have a replica in {region}."
)
REPLICA_STATUS = Sentence("InvalidParameterException", "The replica is {status}.")
REPLICA_IS_ACTIVE = Sentence("InvalidParameterException", "A replica must be INACTIVE to be deleted.")
REPLICA_HAS_DOMAIN = Sentence(
    "InvalidParameterException",
    "The replica cannot be deleted. It has a domain configured that should be deleted first.",
)
POOL_HAS_REPLICA = Sentence(
    "InvalidParameterException", "User pool cannot be deleted. It has a replica that should be deleted first."
)

# -- sessions of users -----------------------------------------------------------------------------------------------

SESSION_TRACKING_OFF = Sentence(
    "OperationNotEnabledException", "User session tracking is not enabled for this user pool."
)
SESSION_NOT_FOUND = Sentence("ResourceNotFoundException", "Session not found.")
SESSION_IS_CURRENT = Sentence(
    "InvalidParameterException", "The session that the access token belongs to cannot be revoked."
)

# -- threat protection, logs -----------------------------------------------------------------------------------------

THREAT_PROTECTION_OFF = Sentence(
    "UserPoolAddOnNotEnabledException", "Threat protection is not enabled for this user pool."
)
BLOCKED = Sentence("NotAuthorizedException", "Unable to login because of security reasons.")
"""A sign-in that was judged too risky, to whoever has proven the first factor."""
ADDRESS_BLOCKED = Sentence("NotAuthorizedException", "Request not allowed due to security reasons.")
ADDRESS_INVALID = Sentence("InvalidParameterException", "Invalid IP address in the context data.")
EVENT_NOT_FOUND = Sentence("ResourceNotFoundException", "Authentication event {id} does not exist.")
FEEDBACK_TOKEN_INVALID = Sentence("NotAuthorizedException", "Invalid feedback token.")
NOTIFY_NEEDS_CONFIGURATION = Sentence(
    "InvalidParameterException", "NotifyConfiguration is required when an action notifies the user."
)
NOTIFY_IDENTITY_NOT_USABLE = Sentence(
    "InvalidEmailRoleAccessPolicyException", "Cognito is not allowed to use your email identity"
)
INVALID_IP_RANGE = Sentence("InvalidParameterException", "{value} is not a valid IP range in CIDR notation.")
LOG_SOURCE_TWICE = Sentence(
    "InvalidParameterException", "There can be only one log configuration for {source}."
)
LOG_LEVEL = Sentence("InvalidParameterException", "The log level of {source} must be {level}.")
LOG_DESTINATIONS = Sentence(
    "InvalidParameterException", "A log configuration for {source} must have exactly one of {destinations}."
)
INVALID_LOG_DESTINATION = Sentence("InvalidParameterException", "{destination} has no valid {member}.")

# -- identity providers ------------------------------------------------------------------------------------------------

DUPLICATE_PROVIDER = Sentence("DuplicateProviderException", "A provider with the name {name} already exists.")
PROVIDER_CHANGED = Sentence(
    "ConcurrentModificationException", "Identity provider {name} was changed by another request."
)
PROVIDER_NAME_RESERVED = Sentence("InvalidParameterException", "Provider {name} cannot be of type {type}.")
IDP_IDENTIFIER_TAKEN = Sentence(
    "InvalidParameterException", "The identifier {identifier} belongs to another identity provider."
)
OIDC_DETAILS_REQUIRED = Sentence(
    "InvalidParameterException",
    "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details.",
)
SOCIAL_DETAILS_REQUIRED = Sentence(
    "InvalidParameterException", "clientId, clientSecret and authorizeScopes are all required idp details."
)
APPLE_DETAILS_REQUIRED = Sentence(
    "InvalidParameterException", "clientId, privateKey, teamId, and keyId are all required idp details."
)
OIDC_NOT_HTTPS = Sentence("InvalidParameterException", "OIDC endpoint must start with https://")
WELL_KNOWN_UNREACHABLE = Sentence("InvalidParameterException", "Unable to contact well-known endpoint")
DISCOVERY_FAULT = Sentence(
    "InvalidParameterException", "The document at the well-known endpoint of {issuer} {reason}."
)
METADATA_TWICE = Sentence(
    "InvalidParameterException", "Only one of the MetadataURL or MetadataFile should be provided."
)
METADATA_MISSING = Sentence(
    "InvalidParameterException", "At least one of the MetadataURL or MetadataFile should be provided."
)
METADATA_UNREACHABLE = Sentence("InvalidParameterException", "Error retrieving metadata from {url}: {reason}")
METADATA_STATUS = Sentence(
    "InvalidParameterException", "Non-ok status code {status} returned from remote metadata source {url}"
)
METADATA_UNREADABLE = Sentence("InvalidParameterException", "Unable to unmarshall metadata")
METADATA_WITHOUT_SSO = Sentence(
    "InvalidParameterException", "No SingleSignOn Http redirect binding location found in metadata."
)
METADATA_FAULT = Sentence("InvalidParameterException", "The metadata {reason}.")
INVALID_PROVIDER_DETAIL = Sentence("InvalidParameterException", "Invalid value for the idp detail {name}.")
INVALID_ATTRIBUTE_MAPPING = Sentence(
    "InvalidParameterException", "Invalid AttributeMapping: {name} {reason}."
)
ACR_MAPPING_NOT_OIDC = Sentence(
    "InvalidParameterException", "AcrMapping is supported for OIDC identity providers only."
)
SOURCE_USER_EXISTS = Sentence(
    "InvalidParameterException",
    "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link",
)
ALREADY_LINKED = Sentence("InvalidParameterException", "SourceUser is already linked to DestinationUser")
LINKED_TO_ANOTHER = Sentence("AliasExistsException", "SourceUser is already linked to another user.")
IDENTITY_NOT_LINKED = Sentence(
    "InvalidParameterException", "The identity is not linked to another user: its user was made by it."
)
SOURCE_USER_NATIVE = Sentence(
    "InvalidParameterException", "SourceUser must be a user of an external identity provider."
)
SOURCE_ATTRIBUTE_UNMAPPED = Sentence(
    "InvalidParameterException",
    "ProviderAttributeName must be Cognito_Subject{alternative} for the provider {name}.",
)
PROVIDER_VALUE_LENGTH = Sentence(
    "InvalidParameterException", "ProviderAttributeValue must have between 1 and {limit} characters."
)

# -- what identity providers answer: as OAuth's errors, for the redirect to the app ----------------------------------------

IDP_TOKEN_TIMEOUT = Sentence("invalid_request", "Timeout occurred in calling IdP token endpoint")
IDP_KEYS_TIMEOUT = Sentence("invalid_request", "error_description=Timeout in calling jwks uri")
IDP_TIMEOUT = Sentence("invalid_request", "Read timed out")
IDP_UNREACHABLE = Sentence("invalid_request", "Connection reset")
IDP_ERROR = Sentence("invalid_request", "{name} Error - {status} {words}")
BAD_ID_TOKEN = Sentence("invalid_request", "Bad id_token {fault}")
ID_TOKEN_EXPIRED = Sentence("invalid_request", "Bad id_token expiry")
NONCE_MISSING = Sentence(
    "invalid_request",
    "Bad id_token nonce",
    advice="The provider has not returned the nonce that it was sent, which OpenID Connect asks of it. If it cannot, give the "
    'provider nonce="false" in ProviderDetails: a stolen code can then be used in another browser.',
)
SUBJECT_MISMATCH = Sentence("invalid_request", "The userInfo response is about another sub than the id_token")
SUBJECT_MISSING = Sentence("invalid_request", "{name} has not returned {claim}")
APPLE_KEY = Sentence("server_error", "The private_key of {name} is not an EC private key on P-256")
SAML_SIGNATURE = Sentence(
    "server_error", "Error in SAML response processing: SAML Assertion signature is invalid."
)
SAML_UNOPENED = Sentence("server_error", SAML_SIGNATURE.text)
"""Of an encrypted assertion; nobody may learn whether it could be opened."""
SAML_RESPONSE = Sentence(
    "server_error", "Error in SAML response processing: Invalid saml response received: {reason}"
)
PROVIDER_STATE = Sentence(
    "invalid_request",
    "Something went wrong",
    advice="An identity provider has sent a browser here that was not sent there, or not from this host, or that was here before. "
    "A sign-in begins at /oauth2/authorize, and ends in the same browser.",
)
PROVIDER_ANOTHER = Sentence(
    "invalid_request", "The answer is not of the identity provider that the sign-in began with."
)
SAML_UNASKED = Sentence(
    "invalid_request",
    "Invalid samlResponse or relayState from identity provider",
    advice="A provider that shall begin sign-ins itself needs IDPInit, and sends client_id, redirect_uri, response_type, scope and "
    "identity_provider as a query string in RelayState. Any other must send back the RelayState that it was sent.",
)

# -- federation: people whom a provider vouches for; types and texts are those of OAuth, below -----------------------------

FEDERATION_REFUSED = Sentence("invalid_request", "{reason}")
FEDERATION_SAML = Sentence("server_error", "Error in SAML response processing: {reason}")
FEDERATION_REQUIRED = Sentence("invalid_request", "attributes required: [{names}]")
FEDERATION_IMMUTABLE = Sentence("invalid_request", "user.{name}: Attribute cannot be updated.")
FEDERATION_NAME_TAKEN = Sentence("invalid_request", "Already found an entry for username {name}")
FEDERATION_USER_DISABLED = Sentence("invalid_request", "User is not enabled")
FEDERATION_NOT_HERE = Sentence(
    "invalid_request",
    "New users cannot be created in this region; the primary region of the user pool is {region}.",
)
# What stands in {reason} above.
REASON_ATTRIBUTES = "Invalid user attributes: {items}"
REASON_USERNAME = "1 validation error detected: Value '{value}' at 'userName' failed to satisfy constraint: Member must {rule}"

# -- users, names ----------------------------------------------------------------------------------------------------

USER_ACCOUNT_EXISTS = Sentence("UsernameExistsException", "User account already exists")
USER_EXISTS = Sentence("UsernameExistsException", "User already exists")  # SignUp
USERNAME_ALIAS_EXISTS = Sentence(
    "UsernameExistsException", "An account with the given {attribute} already exists."
)
ALIAS_EXISTS = Sentence("AliasExistsException", "An account with the given {attribute} already exists.")
# AdminSetUserPassword declares no AliasExistsException.
ALIAS_EXISTS_ELSEWHERE = Sentence(
    "InvalidParameterException", "An account with the given {attribute} already exists."
)
USERNAME_NOT_EMAIL = Sentence("InvalidParameterException", "Username should be an email.")
USERNAME_NOT_PHONE = Sentence("InvalidParameterException", "Username should be a phone number.")
USERNAME_NOT_EMAIL_OR_PHONE = Sentence(
    "InvalidParameterException", "Username should be either an email or a phone number."
)
USERNAME_LIKE_EMAIL = Sentence(
    "InvalidParameterException",
    "Username cannot be of email format, since user pool is configured for email alias.",
)
USERNAME_LIKE_PHONE = Sentence(
    "InvalidParameterException",
    "Username cannot be of phone number format, since user pool is configured for phone number alias.",
)
PREFERRED_USERNAME_LIKE_EMAIL = Sentence(
    "InvalidParameterException",
    "Preferred username cannot be of email format, since user pool is configured for email alias.",
)
PREFERRED_USERNAME_LIKE_PHONE = Sentence(
    "InvalidParameterException",
    "Preferred username cannot be of phone number format, since user pool is configured for phone number alias.",
)
RESEND_NOT_POSSIBLE = Sentence(
    "UnsupportedUserStateException", "Resend not possible. {username} status is not FORCE_CHANGE_PASSWORD"
)
NO_ADDRESS_FOR_MEDIUM = Sentence(
    "InvalidParameterException", "No {attribute} provided but desired delivery medium was {medium}"
)

# -- messages --------------------------------------------------------------------------------------------------------

MESSAGE_NOT_DELIVERED = Sentence("CodeDeliveryFailureException", "Failed to send the message.")
SMS_ROLE_NOT_ASSUMABLE = Sentence(
    "InvalidSmsRoleTrustRelationshipException",
    "Role does not have a trust relationship allowing Cognito to assume the role",
)
SMS_NOT_PERMITTED = Sentence(
    "InvalidSmsRoleAccessPolicyException", "Role does not have permission to publish with SNS"
)
EMAIL_NOT_PERMITTED = Sentence(
    "InvalidEmailRoleAccessPolicyException", "Cognito is not allowed to use your email identity"
)
EMAIL_LIMIT_EXCEEDED = Sentence(
    "LimitExceededException",
    "Exceeded daily email limit for the operation or the account. If a higher limit is required, please configure your "
    "user pool to use your own Amazon SES configuration for sending email.",
)
SMS_LIMIT_EXCEEDED = Sentence(
    "LimitExceededException", "Exceeded SMS limit for the operation or the account."
)

# -- attributes, search ----------------------------------------------------------------------------------------------

UNAUTHORIZED_ATTRIBUTE = Sentence(
    "NotAuthorizedException", "A client attempted to write unauthorized attribute"
)
IMMUTABLE_ATTRIBUTE = Sentence(
    "InvalidParameterException",
    "user.{name}: Attribute cannot be updated.\n (changing an immutable attribute)",
)
ATTRIBUTES_UNLIKE_SCHEMA = Sentence(
    "InvalidParameterException", "Attributes did not conform to the schema: {items}"
)
UNKNOWN_ATTRIBUTES = Sentence("InvalidParameterException", "{items}")
INVALID_USER_ATTRIBUTES = Sentence("InvalidParameterException", "Invalid user attributes: {items}")
ATTRIBUTE_VALUE_NULL = Sentence("InvalidParameterException", "Attribute value for {name} must not be null")
INVALID_EMAIL = Sentence("InvalidParameterException", "Invalid email address format.")
INVALID_PHONE_NUMBER = Sentence("InvalidParameterException", "Invalid phone number format.")
VERIFIED_WITHOUT_EMAIL = Sentence(
    "InvalidParameterException", "Email is required to verify/un-verify an email"
)
VERIFIED_WITHOUT_PHONE_NUMBER = Sentence(
    "InvalidParameterException", "Phone Number is required to verify/un-verify a phone number"
)
SUB_GIVEN = Sentence("InvalidParameterException", "Cannot modify the non-mutable attribute sub")
# What stands in {items} above: one line for each fault, every one with its end of line.
ITEM_REQUIRED = "{name}: The attribute is required\n"
ITEM_FORMATTED_REQUIRED = "{name}.formatted: The attribute {name}.formatted is required\n"
ITEM_UNKNOWN = "{name}: Attribute does not exist in the schema.\n"
ITEM_TOO_LONG = "{name}: String must be no longer than {limit} characters\n"
ITEM_TOO_SHORT = "{name}: String must be at least {limit} characters\n"
ITEM_NO_BOOLEAN = "{name}: Value must be true or false\n"
ITEM_NO_NUMBER = "{name}: Value must be a number\n"
ITEM_TOO_LARGE = "{name}: Number must be no larger than {limit}\n"
ITEM_TOO_SMALL = "{name}: Number must be no smaller than {limit}\n"
ITEM_NO_DATE_TIME = "{name}: Invalid format, value must be a date and time of ISO 8601\n"
ITEM_NO_DATE = "{name}: Invalid format, value must be a date YYYY-MM-DD\n"
FILTER_SYNTAX = Sentence("InvalidParameterException", "Error while parsing filter")
INVALID_SEARCH_ATTRIBUTE = Sentence("InvalidParameterException", "Invalid search attribute: {name}")
UNKNOWN_REQUESTED_ATTRIBUTE = Sentence(
    "InvalidParameterException", "One or more requested attributes do not exist in user pool."
)

# -- groups ----------------------------------------------------------------------------------------------------------

GROUP_EXISTS = Sentence("GroupExistsException", "A group with the name already exists.")
# AdminAddUserToGroup declares no LimitExceededException.
USER_IN_TOO_MANY_GROUPS = Sentence(
    "InvalidParameterException", "A user can be a member of at most {limit} groups."
)

# -- passwords -------------------------------------------------------------------------------------------------------

TEMPORARY_PASSWORD_UNLIKE_POLICY = Sentence(
    "InvalidPasswordException", "Password did not conform with password policy: {violation}"
)
PASSWORD_UNLIKE_POLICY = Sentence(
    "InvalidPasswordException", "Password does not conform to policy: {violation}"
)
PASSWORD_IN_HISTORY = Sentence(
    "PasswordHistoryPolicyViolationException",
    "Password has already been used. Choose a password that was not used before.",
)
PASSWORD_COMPROMISED = Sentence(
    "InvalidPasswordException", "Provided password cannot be used for security reasons."
)
TEMPORARY_PASSWORD_EXPIRED = Sentence(
    "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."
)
ATTEMPT_LIMIT_EXCEEDED = Sentence(
    "LimitExceededException", "Attempt limit exceeded, please try after some time."
)

# -- sign-up, codes, recovery ----------------------------------------------------------------------------------------

SIGN_UP_NOT_PERMITTED = Sentence("NotAuthorizedException", "SignUp is not permitted for this user pool")
SIGN_UP_PASSWORD_UNLIKE_POLICY = Sentence(
    "InvalidPasswordException", "Password did not conform with policy: {violation}"
)
PASSWORD_MISSING = Sentence("InvalidPasswordException", "Password is required.")
PREFERRED_USERNAME_TOO_EARLY = Sentence(
    "InvalidParameterException",
    "The preferred_username is an alias in this user pool and can be set only once the user is confirmed.",
)
USERNAME_CLIENT_NOT_FOUND = Sentence("UserNotFoundException", "Username/client id combination not found.")
CODE_MISMATCH = Sentence("CodeMismatchException", "Invalid verification code provided, please try again.")
CODE_EXPIRED = Sentence("ExpiredCodeException", "Invalid code provided, please request a code again.")
CANNOT_CONFIRM = Sentence("NotAuthorizedException", "User cannot be confirmed. Current status is {status}")
CONFIRMED_ALIAS_EXISTS = Sentence("AliasExistsException", "An account with the {attribute} already exists.")
ALREADY_CONFIRMED = Sentence("InvalidParameterException", "User is already confirmed.")
CANNOT_RESEND = Sentence("NotAuthorizedException", "Cannot resend codes. Auto verification not turned on.")
NOTHING_VERIFIED = Sentence(
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)
CANNOT_RESET = Sentence("NotAuthorizedException", "User password cannot be reset in the current state.")
CONTACT_ADMINISTRATOR = Sentence("NotAuthorizedException", "Contact administrator to reset password.")
ATTRIBUTE_NOT_VERIFIABLE = Sentence(
    "InvalidParameterException", "Attribute {name} cannot be verified; email and phone_number can."
)
ATTRIBUTE_WITHOUT_VALUE = Sentence("InvalidParameterException", "The user has no {name} to verify.")

# -- passkeys --------------------------------------------------------------------------------------------------------

PASSKEYS_NOT_ENABLED = Sentence(
    "WebAuthnNotEnabledException", "WEB_AUTHN is not one of the allowed first auth factors of this user pool."
)
PASSKEY_CONFIGURATION_MISSING = Sentence(
    "WebAuthnConfigurationMissingException", "The user pool has neither a relying party ID nor a domain."
)
PASSKEY_CHALLENGE_NOT_FOUND = Sentence(
    "WebAuthnChallengeNotFoundException",
    "The challenge has expired, or was not found. Start registration again.",
)
PASSKEY_CLIENT_MISMATCH = Sentence(
    "WebAuthnClientMismatchException", "The registration was started with an access token of another client."
)
PASSKEY_ORIGIN = Sentence(
    "WebAuthnOriginNotAllowedException", "The origin of the credential is not of the relying party ID."
)
PASSKEY_RELYING_PARTY = Sentence(
    "WebAuthnRelyingPartyMismatchException",
    "The credential is for another relying party ID than the user pool's.",
)
PASSKEY_NOT_SUPPORTED = Sentence(
    "WebAuthnCredentialNotSupportedException", "The credential is from an unsupported device or provider."
)
PASSKEY_MALFORMED = Sentence("InvalidParameterException", "Credential data is not valid")
PASSKEY_EXISTS = Sentence("InvalidParameterException", "The credential is registered already.")
PASSKEY_NOT_FOUND = Sentence("ResourceNotFoundException", "Credential does not exist.")

# -- sign-in ---------------------------------------------------------------------------------------------------------

INCORRECT_USERNAME_OR_PASSWORD = Sentence("NotAuthorizedException", "Incorrect username or password.")
PASSWORD_ATTEMPTS_EXCEEDED = Sentence("NotAuthorizedException", "Password attempts exceeded")
USER_DISABLED = Sentence("NotAuthorizedException", "User is disabled.")
USER_NOT_CONFIRMED = Sentence("UserNotConfirmedException", "User is not confirmed.")
PASSWORD_RESET_REQUIRED = Sentence("PasswordResetRequiredException", "Password reset required for the user")
FLOW_NOT_ENABLED = Sentence("InvalidParameterException", "{flow} flow not enabled for this client")
SRP_OR_CUSTOM_NOT_ENABLED = Sentence("InvalidParameterException", "{flow} is not enabled for the client.")
ADMIN_FLOW_NOT_ENABLED = Sentence("InvalidParameterException", "Auth flow not enabled for this client")
FLOW_NOT_SUPPORTED = Sentence("InvalidParameterException", "Initiate Auth method not supported.")
# Of ADMIN_NO_SRP_AUTH, which is a flow's name and among those of challenges in the model.
CHALLENGE_UNKNOWN = Sentence("InvalidParameterException", "The challenge {challenge} cannot be responded to.")
OLD_POOL_UNREACHABLE = Sentence(
    "InternalErrorException",
    "The user pool that this user comes from does not say whether the password is right; try again.",
    500,
)
LEVELS_UNKNOWN = Sentence("InvalidParameterException", "TARGET_ACR_VALUES has no level of this user pool.")
LEVELS_MISSING = Sentence("InvalidParameterException", "ACCESS_TOKEN requires TARGET_ACR_VALUES.")
LEVEL_OUT_OF_REACH = Sentence(
    "InvalidParameterException",
    "The user has no authentication factor that reaches a level of TARGET_ACR_VALUES.",
)
LEVEL_REACHED = Sentence("InvalidParameterException", "The access token reaches the target level already.")
MAX_AGE_NO_NUMBER = Sentence("InvalidParameterException", "MAX_AGE must be a number of seconds.")
ACCESS_TOKEN_FOREIGN = Sentence(
    "NotAuthorizedException", "Access Token was not issued to this user by this client."
)
CHALLENGE_NOT_OFFERED = Sentence("InvalidParameterException", "The challenge {challenge} is not available.")
PASSKEY_NOT_PROVEN = Sentence("NotAuthorizedException", "Passkey authentication failed.")
INVALID_SRP_A = Sentence("InvalidParameterException", "SRP_A is not a number of the group.")
MISSING_PARAMETER = Sentence("InvalidParameterException", "Missing required parameter {name}")
SECRET_HASH_MISSING = Sentence(
    "NotAuthorizedException", "Client {id} is configured with secret but SECRET_HASH was not received"
)
# Of sign-up and recovery, which have worded it so from the beginning.
CLIENT_SECRET_MISSING = Sentence(
    "NotAuthorizedException", "Client {id} is configured for secret but secret was not received"
)
SECRET_HASH_MISMATCH = Sentence("NotAuthorizedException", "Unable to verify secret hash for client {id}")
SESSION_EXPIRED = Sentence("NotAuthorizedException", "Invalid session for the user, session is expired.")
SESSION_SPENT = Sentence(
    "NotAuthorizedException", "Invalid session for the user, session can only be used once."
)
SESSION_INVALID = Sentence("NotAuthorizedException", "Invalid session for the user.")
ATTRIBUTE_ALREADY_PROVIDED = Sentence("NotAuthorizedException", "Cannot modify an already provided {name}")
ATTRIBUTE_MISSING_IN_CHALLENGE = Sentence(
    "InvalidParameterException", "Invalid attributes given, {name} is missing"
)

# -- devices ---------------------------------------------------------------------------------------------------------

INVALID_DEVICE_KEY = Sentence("InvalidParameterException", "Invalid device key given.")
INVALID_DEVICE_VERIFIER = Sentence(
    "InvalidParameterException", "Invalid device secret verifier configuration given."
)
DEVICE_KEY_EXISTS = Sentence("DeviceKeyExistsException", "Device key already exists.")
DEVICES_NOT_TRACKED = Sentence(
    "InvalidUserPoolConfigurationException", "Device tracking is not enabled for the user pool."
)

# -- second factors ----------------------------------------------------------------------------------------------------

SIGN_IN_CODE_MISMATCH = Sentence("CodeMismatchException", "Invalid code or auth state for the user.")
TOTP_MISMATCH = Sentence("CodeMismatchException", "Invalid code received for user")
TOTP_USED = Sentence("ExpiredCodeException", "Your software token has already been used once.")
SOFTWARE_TOKEN_MISMATCH = Sentence(
    "EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA"
)
SOFTWARE_TOKEN_NOT_SET_UP = Sentence("InvalidParameterException", "User has not set up software token mfa")
# Seen of RespondToAuthChallenge (github.com/amazon-archives/amazon-cognito-identity-js, issue 630).
SOFTWARE_TOKEN_GONE = Sentence(
    "SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user."
)
SOFTWARE_TOKEN_NOT_OFFERED = Sentence(
    "SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool"
)
TOKEN_AND_SESSION = Sentence(
    "InvalidParameterException", "A request has either an AccessToken or a Session, not both."
)
FACTOR_NOT_THERE = Sentence(
    "InvalidParameterException", "User does not have delivery config set to turn on {factor}"
)
FACTOR_NOT_OFFERED = Sentence("MFAMethodNotFoundException", "{factor} is not an MFA method of the user.")
NO_SECOND_FACTOR = Sentence(
    "NotAuthorizedException",
    "The user pool requires multi-factor authentication, and the user has no MFA method that can be used.",
)
SEVERAL_PREFERRED = Sentence("InvalidParameterException", "Only one MFA method can be preferred.")
PASSKEYS_NOT_FOR_MFA = Sentence(
    "InvalidParameterException",
    "Passkey MFA needs a user pool whose FactorConfiguration is MULTI_FACTOR_WITH_USER_VERIFICATION, and a user with "
    "another MFA method.",
)
OPTIONS_BEYOND_SMS = Sentence(
    "InvalidParameterException", "MFAOptions can only set DeliveryMedium SMS with AttributeName phone_number."
)

# -- tokens ----------------------------------------------------------------------------------------------------------

INVALID_ACCESS_TOKEN = Sentence("NotAuthorizedException", "Invalid Access Token")
ACCESS_TOKEN_SIGNATURE = Sentence("NotAuthorizedException", "Could not verify signature for Access Token")
ACCESS_TOKEN_EXPIRED = Sentence("NotAuthorizedException", "Access Token has expired")
ACCESS_TOKEN_REVOKED = Sentence("NotAuthorizedException", "Access Token has been revoked")
ACCESS_TOKEN_SCOPES = Sentence("NotAuthorizedException", "Access Token does not have required scopes")
INVALID_REFRESH_TOKEN = Sentence("NotAuthorizedException", "Invalid Refresh Token")
# So GetTokensFromRefreshToken says it (github.com/aws/aws-sdk-js-v3, issue 7162).
INVALID_REFRESH_TOKEN_GIVEN = Sentence("NotAuthorizedException", "Invalid Refresh Token.")
REFRESH_TOKEN_REUSED = Sentence(
    "RefreshTokenReuseException", "Refresh Token has been invalidated by refresh token rotation"
)
REFRESH_TOKEN_EXPIRED = Sentence("NotAuthorizedException", "Refresh Token has expired")
REFRESH_TOKEN_REVOKED = Sentence("NotAuthorizedException", "Refresh Token has been revoked")
REFRESH_ROTATES = Sentence(
    "UnsupportedOperationException", "This API does not support refresh token rotation"
)
REVOCATION_OFF = Sentence("UnsupportedOperationException", "Token revocation is not enabled for this client.")
REVOKE_UNAUTHORIZED = Sentence("UnauthorizedException", "Unauthorized client.")
REVOKE_TOKEN_TYPE = Sentence("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")

CLIENT_SECRET_WRONG = Sentence("NotAuthorizedException", "Unable to verify secret for client {id}")
CLIENT_FLOW_OFF = Sentence("NotAuthorizedException", "{flow} is not enabled for client {id}")
PRESENTED_TOKEN_INVALID = Sentence("NotAuthorizedException", "Invalid {role} Token")
PRESENTED_TOKEN_EXPIRED = Sentence("NotAuthorizedException", "{role} Token has expired")
PRESENTED_TOKEN_REVOKED = Sentence("NotAuthorizedException", "{role} Token has been revoked")
FOREIGN_TOKEN_NOT_YET_AVAILABLE = Sentence(
    "InvalidParameterException",
    "Cognomen does not exchange assertions of SAML providers yet. The README says what works.",
)
FOREIGN_TOKEN_TYPE = Sentence(
    "InvalidParameterException",
    "Of the identity provider {name} only tokens of type ID_TOKEN can be exchanged, if it issues them.",
)
FOREIGN_KEYS_UNREACHABLE = Sentence(
    "NotAuthorizedException", "The keys of the identity provider {name} cannot be read; try again."
)
AUDIENCE_AND_RESOURCE = Sentence(
    "InvalidParameterException", "Only one of Audiences and Resources can be specified."
)
AUDIENCE_IS_A_CLIENT = Sentence(
    "InvalidParameterException", "Audiences cannot name another app client of the user pool."
)
# Two types, so that the token endpoint can tell them apart: invalid_scope, and invalid_grant.
SCOPE_UNKNOWN = Sentence("InvalidParameterException", "Invalid scope requested: {scope}")
SCOPE_NOT_ALLOWED = Sentence("NotAuthorizedException", "The scope {scope} is not allowed for this client.")

# -- triggers ---------------------------------------------------------------------------------------------------------

TRIGGER_FAILED = Sentence("UserLambdaValidationException", "{trigger} failed with error {message}.")
TRIGGER_NOT_INVOKED = Sentence(
    "UnexpectedLambdaException", "{trigger} invocation failed due to error {code}."
)
TRIGGER_TIMED_OUT = Sentence(
    "UnexpectedLambdaException", "{arn} failed with error Socket timeout while invoking Lambda function."
)
TRIGGER_ANSWER_NOT_JSON = Sentence(
    "InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON"
)
TRIGGER_ANSWER_UNRECOGNIZABLE = Sentence("InvalidLambdaResponseException", "Unrecognizable lambda output")
CUSTOM_MESSAGE_UNUSABLE = Sentence("InvalidLambdaResponseException", "CustomMessage: {reason}.")
CUSTOM_AUTH_NOT_CONFIGURED = Sentence(
    "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."
)
MIGRATION_FAILED = Sentence("UserNotFoundException", "Exception migrating user in app client {id}")

# -- OAuth: the type is the `error` of RFC 6749, the text its `error_description` --------------------------------------

OAUTH_REQUEST = Sentence("invalid_request", None)
OAUTH_MALFORMED = Sentence("invalid_request", "The request cannot be read: {reason}.")
OAUTH_MISSING = Sentence("invalid_request", "Required String parameter '{name}' is not present")
OAUTH_LOGOUT_MISSING = Sentence(
    "invalid_request",
    "Required String parameter '{name}' is not present",
    advice="/logout takes client_id and logout_uri, one of the client's LogoutURLs, to end there; or client_id, redirect_uri and "
    "response_type, to lead to a new sign-in.",
)
OAUTH_REPEATED = Sentence("invalid_request", "The parameter {name} was sent more than once.")
OAUTH_REDIRECT_MISMATCH = Sentence(
    "redirect_mismatch",
    None,
    advice="The request came with {name}={sent}, and client {id} has {registered} in {member}. The two must be the same, letter "
    "for letter: send one that is there, or add this one with UpdateUserPoolClient.",
)
OAUTH_CLIENT_UNKNOWN = Sentence(
    "invalid_request",
    "Client {id} does not exist.",
    advice="At the domain of a pool there are only the clients of that pool; ListUserPoolClients tells them.",
)
OAUTH_CLIENT_OFF = Sentence(
    "unauthorized_client",
    "Client {id} is not enabled for OAuth2.0 flows.",
    advice="Give it AllowedOAuthFlowsUserPoolClient, AllowedOAuthFlows, AllowedOAuthScopes and CallbackURLs with "
    "UpdateUserPoolClient.",
)
OAUTH_NO_PROVIDER = Sentence(
    "unauthorized_client",
    "Client {id} has no identity provider.",
    advice="Give it SupportedIdentityProviders, COGNITO for one, with UpdateUserPoolClient.",
)
OAUTH_NO_DOMAIN = Sentence("invalid_request", "There is no domain {name}.")
OAUTH_AUTHORIZATION_EXPIRED = Sentence("invalid_request", "Something went wrong")
OAUTH_SCOPE = Sentence("invalid_request", "invalid_scope")
OAUTH_FLOW_OFF = Sentence("unauthorized_client", None)
OAUTH_RESPONSE_TYPE = Sentence("unsupported_response_type", None)
OAUTH_CHALLENGE_METHOD = Sentence("invalid_request", "code_challenge_method must be S256.")
OAUTH_CHALLENGE = Sentence(
    "invalid_request",
    "code_challenge and code_challenge_method belong together; the former is a SHA-256 digest.",
)
OAUTH_CHALLENGE_NEEDED = Sentence(
    "invalid_request", "A client that registered itself must send code_challenge with S256."
)
OAUTH_PROMPT = Sentence("invalid_request", "prompt is not supported as it was sent.")
OAUTH_MAX_AGE = Sentence("invalid_request", "max_age must be a number of seconds.")
OAUTH_RESOURCE = Sentence("invalid_target", "resource must be one absolute URL without a fragment.")
OAUTH_REQUEST_OBJECT = Sentence("request_not_supported", None)
OAUTH_REQUEST_URI = Sentence("request_uri_not_supported", None)
OAUTH_PROVIDER_UNKNOWN = Sentence("invalid_request", "The client has no such identity provider.")
OAUTH_LEVEL = Sentence("unmet_authentication_requirements", None)
OAUTH_LOGIN_REQUIRED = Sentence("login_required", None)
OAUTH_CONSENT_REQUIRED = Sentence("consent_required", None)
OAUTH_ACCESS_DENIED = Sentence("access_denied", None)
OAUTH_REFUSED = Sentence("invalid_request", "{reason} ")
OAUTH_SERVER_ERROR = Sentence("server_error", None)
OAUTH_CLIENT = Sentence("invalid_client", None)
OAUTH_CLIENT_SECRET = Sentence("invalid_client", "invalid_client_secret")
OAUTH_GRANT = Sentence("invalid_grant", None)
OAUTH_GRANT_TYPE = Sentence("unsupported_grant_type", None)
OAUTH_REDIRECT = Sentence("unauthorized_client", "invalid_redirect")
OAUTH_SCOPE_UNKNOWN = Sentence("invalid_scope", None)
OAUTH_TOKEN_TYPE = Sentence("unsupported_token_type", None)
OAUTH_TOKEN = Sentence(
    "invalid_token",
    "Access token is expired, disabled, or deleted, or the user has globally signed out.",
    401,
)
OAUTH_TOKEN_SCOPE = Sentence("invalid_token", "Access token does not contain openid scope", 401)
OAUTH_REGISTRATION_TOKEN = Sentence("invalid_token", None, 401)
OAUTH_METADATA = Sentence("invalid_client_metadata", "{reason}")
"""What CreateUserPoolClient would say."""
OAUTH_METADATA_MALFORMED = Sentence(
    "invalid_client_metadata",
    "The metadata must be a JSON object, its members of the types that RFC 7591 gives them.",
)
OAUTH_METADATA_GRANTS = Sentence(
    "invalid_client_metadata", "grant_types must be {allowed}, with or without refresh_token."
)
OAUTH_METADATA_METHOD = Sentence("invalid_client_metadata", "token_endpoint_auth_method must be {allowed}.")
OAUTH_METADATA_RESPONSES = Sentence("invalid_client_metadata", "response_types must be code.")
OAUTH_METADATA_SCOPE = Sentence(
    "invalid_client_metadata", "A client that registers itself may not have the scope {name}."
)
OAUTH_METADATA_NO_SCOPES = Sentence(
    "invalid_client_metadata",
    "There are no scopes here for a client that registers itself and signs nobody in.",
)
OAUTH_REDIRECT_URI = Sentence("invalid_redirect_uri", "{reason}")
OAUTH_USER_INFO_REQUEST = Sentence("invalid_request", "Bad OAuth2 request at UserInfo Endpoint")
OAUTH_TOO_MANY = Sentence("temporarily_unavailable", "Rate exceeded", 429)
OAUTH_FAULT = Sentence("server_error", None, 500)
OAUTH_UNAVAILABLE = Sentence(
    "temporarily_unavailable", "The database cannot be reached or written; try again.", 503
)
PAGES_UNAVAILABLE = Sentence(
    "login_pages_unavailable",
    "Client {id} has no style for managed login. Give it one with CreateManagedLoginBranding, or set ManagedLoginVersion 1.",
)
