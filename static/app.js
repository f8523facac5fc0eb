/* What pages need beyond htmx: the token for its requests, keyboard, menus, tick boxes, focus. */
"use strict";

(function () {
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  /* ------------------------------------------------------------------ htmx */
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = $('meta[name="csrf-token"]').content;
  });

  function say(text) {
    const notice = document.createElement("div");
    notice.className = "notice notice-bad";
    notice.textContent = text;
    $("#flashes").replaceChildren(notice);
  }

  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    const plain = (answer.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    say(plain && answer.responseText ? answer.responseText : "That did not work. Load the page again and try once more.");
  });
  document.addEventListener("htmx:sendError", () => say("The server did not answer. Check the connection and try again."));

  // A swap may take away the element that had the focus: go to the first mistake, or to what the answer offers.
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    const wrong = event.detail.xhr && event.detail.xhr.status === 422 && $('[aria-invalid="true"]', part);
    const lost = document.activeElement === document.body;
    const target = wrong || (lost && ($("[autofocus]", part) || $("[data-focus]", part)));
    if (target) target.focus();
  });

  /* ----------------------------------------------------------------- menus */
  document.addEventListener("click", (event) => {
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const opener = event.target.closest("[data-dialog]");
    if (opener) open(opener.dataset.dialog);
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });

  function copy(button) {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    if (!navigator.clipboard) return;  // only over HTTPS or on localhost; the text is selected for Ctrl+C
    navigator.clipboard.writeText(field.value).then(() => { button.textContent = "Copied"; }, () => field.select());
  }

  /* ------------------------------------------------------------- tick boxes */
  function showSelection(table) {
    const rows = $$("[data-select-row]", table);
    const ticked = rows.filter((box) => box.checked);
    rows.forEach((box) => { box.closest("tr").classList.toggle("is-selected", box.checked); });
    const all = $("[data-select-all]", table);
    if (all) {
      all.checked = rows.length > 0 && ticked.length === rows.length;
      all.indeterminate = ticked.length > 0 && ticked.length < rows.length;
    }
    $$("[data-selected-count]", table.closest("form, section") || document).forEach((spot) => {
      spot.textContent = String(ticked.length);
    });
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-select-all], [data-select-row]")) return;
    const table = event.target.closest("table");
    if (event.target.matches("[data-select-all]")) {
      $$("[data-select-row]", table).forEach((box) => { box.checked = event.target.checked; });
    }
    showSelection(table);
  });

  /* --------------------------------------------------------------- keyboard */
  function open(id) {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  }

  function unlessTyping(action) {
    return (event) => {
      if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
      event.preventDefault();
      action();
    };
  }

  const help = unlessTyping(() => open("keyboard-help"));
  const search = unlessTyping(() => { const field = $("#q"); if (field) { field.focus(); field.select(); } });
  const keys = {
    "/": search, "Shift+/": search, "?": help, "Shift+?": help,
    "$mod+k": (event) => { event.preventDefault(); open("palette"); },
  };
  $$("[data-keys]").forEach((element) => { keys[element.dataset.keys] = unlessTyping(() => element.click()); });
  if (window.tinykeys && $("#palette")) tinykeys.tinykeys(window, keys);

  const palette = $("#palette");
  if (palette) {
    const field = $("input", palette);
    const links = $$(".palette-list a", palette);
    const shown = () => links.filter((link) => !link.parentElement.hidden);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      links.forEach((link) => { link.parentElement.hidden = !link.textContent.toLowerCase().includes(wanted); });
    });
    $("form", palette).addEventListener("submit", (event) => {
      const first = field.value.trim() && shown()[0];
      if (first || !event.target.hasAttribute("action")) event.preventDefault();
      if (first) first.click();
    });
    palette.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const stops = [field, ...shown()];
      stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
    });
  }
})();
