/* Passkeys: hand the server's question to the browser, and its answer back as a form. */
"use strict";

(function () {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const error = form.querySelector("[data-passkey-error]");
  let busy = false;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((each) => Object.assign({}, each, { id: bytes(each.id) }));

  function question() {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    if (options.excludeCredentials) options.excludeCredentials = known(options.excludeCredentials);
    if (options.allowCredentials) options.allowCredentials = known(options.allowCredentials);
    return { publicKey: options };
  }

  function answer(credential) {
    const from = credential.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (from[part]) response[part] = text(from[part]);
    }
    if (from.getTransports) response.transports = from.getTransports();
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      extensions: JSON.stringify(credential.getClientExtensionResults()),
    });
  }

  async function ask() {
    if (busy) return;
    busy = true;
    error.textContent = "";
    try {
      const credential = await navigator.credentials[form.dataset.passkey](question());
      form.elements.credential.value = answer(credential);
      form.submit();
    } catch (reason) {
      error.textContent = reason.name === "InvalidStateError"
        ? "This device already holds a passkey of yours."
        : "No passkey was used. Ask again, or use your password.";
    }
    busy = false;
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  if (window.PublicKeyCredential) ask();
  else error.textContent = "This browser has no passkeys, or the address is not secure (https). Use your password.";
})();
