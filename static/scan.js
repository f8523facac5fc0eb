/* Scan pages: one field that keeps the focus, codes sent one after the other, a sound and spoken words for each result. */
"use strict";

(function () {
  const SAME_WITHIN = 2000;  // milliseconds: a trigger held too long, or a code read twice
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  const field = form.querySelector("[data-scan-field]");
  const said = document.getElementById("said");
  const toggle = document.querySelector("[data-sound]");
  const waiting = [];
  let sending = false;
  let answered = false;
  let last = { code: "", at: 0 };
  let audio = null;
  let isLoud = localStorage.getItem("scan-sound") !== "off";

  function showSound() {
    if (!toggle) return;
    toggle.setAttribute("aria-pressed", String(isLoud));
    toggle.querySelector("span").textContent = isLoud ? "Sound on" : "Sound off";
  }

  // One high tone for yes, two low ones for no, two falling ones for look at this: told apart without looking.
  function sound(outcome) {
    if (!isLoud || !window.AudioContext) return;
    audio = audio || new AudioContext();
    const tones = {
      ok: [[1320, 0]], bad: [[220, 0], [180, 0.18]], warn: [[660, 0], [440, 0.18]],
    }[outcome] || [[660, 0]];
    tones.forEach(([pitch, after]) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const start = audio.currentTime + after;
      tone.type = outcome === "bad" ? "square" : "sine";
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.15, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.14);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.15);
    });
  }

  function say(text) {
    said.textContent = "";
    window.setTimeout(() => { said.textContent = text; }, 20);  // the same words twice are two announcements
  }

  function tell() {
    const result = document.querySelector(form.dataset.scan);
    const words = result && result.querySelector("[data-said]");
    if (!result || !result.dataset.outcome) return;
    sound(result.dataset.outcome);
    say(words ? words.textContent : "");
  }

  // A scan nobody answered must not go unseen among the next ones: its code stays on the page.
  function lose(code) {
    const place = document.getElementById("scan-lost");
    const text = `${code} was not taken: the server did not answer. Scan it again.`;
    const line = document.createElement("p");
    line.className = "t-bad";
    line.textContent = text;
    place.append(line);
    last = { code: "", at: 0 };
    sound("bad");
    say(text);
  }

  // What the answer to one scan sets for the next, such as the order it opened: read when the scan leaves, not before.
  function setNow(values) {
    const names = new Set(Array.from(form.elements).filter((each) => "scanNow" in each.dataset).map((each) => each.name));
    (form.dataset.scanLive || "").split(" ").filter(Boolean).forEach((name) => values.delete(name));
    names.forEach((name) => values.set(name, form.elements[name].value));
  }

  async function send() {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      const values = waiting.shift();
      setNow(values);
      answered = false;
      try {
        await htmx.ajax("POST", form.action, { source: form, target: form.dataset.scan, swap: "outerHTML", values });
      } catch (error) {
        answered = false;
      }
      if (!answered) lose(values.get(field.name));
    }
    sending = false;
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (event.detail.elt === form) answered = status === 200 || status === 422;
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    const now = Date.now();
    if (!code) { field.focus(); return; }
    field.value = "";
    field.focus();
    if (code === last.code && now - last.at < SAME_WITHIN) { last.at = now; say("Same code within 2 s, ignored"); return; }
    last = { code, at: now };
    const values = new FormData(form);
    values.set(field.name, code);
    waiting.push(values);
    send();
  });

  // Enter in a field that is set once goes on to the scan field; it never sends a half-filled scan.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target === field || event.target.matches("button, summary")) return;
    event.preventDefault();
    field.focus();
  });

  // Ctrl Enter and Ctrl Z press the link or button that names them, unless there is something to undo in a field.
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.key === "z" && event.target.matches("input, textarea") && event.target.value) return;
    const button = document.querySelector(`[data-scan-key="${CSS.escape(event.key)}"]`);
    if (!button || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    button.click();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== form.dataset.scan.slice(1) && event.detail.elt.id !== form.dataset.scan.slice(1)) return;
    tell();
    if (!form.contains(document.activeElement)) field.focus();
  });
  if (toggle) {
    toggle.addEventListener("click", () => {
      isLoud = !isLoud;
      localStorage.setItem("scan-sound", isLoud ? "on" : "off");
      showSound();
      field.focus();
    });
  }
  showSound();
  field.focus();
})();
