// Says while a password is typed what it still needs. The server says the same when the form is sent.
"use strict";

const RULES = {
  length: (password, count) => [...password].length >= count,
  lowercase: (password) => /[a-z]/.test(password),
  uppercase: (password) => /[A-Z]/.test(password),
  number: (password) => /[0-9]/.test(password),
  symbol: (password) => /[ ^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]/.test(password.replace(/^ +| +$/g, "")),
};
const STATES = [
  ["rule-met", "passwordCheck-valid-customizable"],
  ["rule-unmet", "passwordCheck-notValid-customizable"],
];

const field = document.getElementById("password");
const rules = document.querySelectorAll("[data-rule]");

field.addEventListener("input", () => {
  for (const rule of rules) {
    rule.classList.remove(...STATES.flat());
    if (field.value) {
      const isMet = RULES[rule.dataset.rule](field.value, Number(rule.dataset.count));
      rule.classList.add(...STATES[isMet ? 0 : 1]);
    }
  }
});
