// Sends the link's secret (what stands after the #) with who accepts; takes it out of the address line at once.
"use strict";
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const by = (id) => document.getElementById(id);
const forms = [by("newcomer"), by("member")];
let second = null; // of a sign-in that waits for its second step

function tell(text) {
  by("told").textContent = text;
}

async function post(path, body, access) {
  const headers = { "Content-Type": "application/json", ...(access && { Authorization: `Bearer ${access}` }) };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}

function signInFirst() {
  forms[0].hidden = true;
  forms[1].hidden = false;
  by("identifier").focus();
}

async function signIn() {
  if (second) return post("/auth/mfa/totp/verify", { mfa_token: second, code: by("code").value });
  return post("/auth/login", { identifier: by("identifier").value, password: by("present").value });
}

async function accept(body, access) {
  const { status, body: said } = await post("/auth/invitations/accept", { token, ...body }, access);
  if (status === 201) {
    forms.forEach((form) => (form.hidden = true));
    return tell("Welcome. You can sign in to work now.");
  }
  if (said.code === "sign_in_first") signInFirst();
  tell(said.errors?.length ? said.errors.map((e) => e.message).join(" ") : said.detail);
}

async function asMember() {
  const { status, body } = await signIn();
  if (status === 202) {
    second = body.mfa_token;
    by("second").hidden = false;
    by("code").focus();
    return tell("One more step: the code.");
  }
  return status === 200 ? accept({}, body.access) : tell(body.detail);
}

const newcomer = () => {
  const body = { first_name: by("first_name").value, password: by("password").value };
  return accept(by("last_name").value ? { ...body, last_name: by("last_name").value } : body);
};

forms.forEach((form, which) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    tell("One moment …");
    try {
      await [newcomer, asMember][which]();
    } catch {
      tell("The server can't be reached. Try again.");
    }
    button.disabled = false;
  }),
);
by("known").addEventListener("click", signInFirst);
if (!token) {
  forms.forEach((form) => (form.hidden = true));
  tell("This link is not whole. Open it from the message again, or ask for another.");
}
