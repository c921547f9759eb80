// The sign-in page.

import { resume, signIn } from "./session.js";

const form = document.getElementById("sign-in");
const trouble = document.getElementById("trouble");
const button = form.querySelector("button");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.textContent = "";
  button.disabled = true;
  try {
    await signIn(form.login.value, form.password.value);
    location.assign("/");
  } catch (refused) {
    trouble.textContent = refused.status === 401 ? "Login or password is wrong." : refused.message;
    form.password.select();
  } finally {
    button.disabled = false;
  }
});

// Who is signed in already goes on; who is not stays here.
resume().then(() => location.replace("/"), () => {});
