// Sends the link's secret (what stands after the #) with the new password; takes it out of the address line at once.
"use strict";
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const form = document.getElementById("reset");
const password = document.getElementById("password");
const told = document.getElementById("told");
document.getElementById("show").addEventListener("change", (event) => {
  password.type = event.target.checked ? "text" : "password";
});
if (!token) {
  form.hidden = true;
  told.textContent = "This link is not whole. Open it from the message again, or ask for another.";
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  told.textContent = "One moment …";
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, password: password.value }),
    });
    if (answer.ok) {
      form.hidden = true;
      told.textContent = "Done. You can sign in with the new password now.";
      return;
    }
    const problem = await answer.json();
    told.textContent = problem.errors?.length ? problem.errors.map((e) => e.message).join(" ") : problem.detail;
  } catch {
    told.textContent = "The server can't be reached. Try again.";
  }
  button.disabled = false;
});
