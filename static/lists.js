/* Search fields that take a pasted list: Enter searches (a scanner sends it), Shift+Enter begins a new line. */
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || !event.target.matches("textarea[data-enter]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-enter]")) event.target.rows = event.target.value.includes("\n") ? 3 : 1;
});
