// What a page gains when scripts run. Everything works without this file.
(() => {
  "use strict";
  const doc = document;
  doc.documentElement.classList.add("js");

  // Copy buttons appear only where the clipboard can be written; the answer is read out by a live region.
  const say = (text) => {
    const region = doc.getElementById("live-region");
    if (region) { region.textContent = ""; window.setTimeout(() => { region.textContent = text; }, 30); }
  };
  const fallbackCopy = (text) => {
    const area = doc.createElement("textarea");
    area.value = text; area.setAttribute("readonly", ""); area.className = "visually-hidden";
    doc.body.append(area); area.select();
    // We write the clipboard ourselves: left to it, the browser copies styles along, which our policy refuses.
    const write = (event) => { event.clipboardData.setData("text/plain", text); event.preventDefault(); };
    doc.addEventListener("copy", write);
    let done = false;
    try { done = doc.execCommand("copy"); } catch { done = false; }
    doc.removeEventListener("copy", write);
    area.remove();
    return done;
  };
  doc.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    let done = false;
    try { await navigator.clipboard.writeText(button.dataset.copy); done = true; } catch { done = fallbackCopy(button.dataset.copy); }
    if (!done) return;
    const label = button.querySelector("[data-copy-label]") || button;
    const before = button.dataset.before || label.textContent;
    button.dataset.before = before;
    label.textContent = button.dataset.done;
    say(button.dataset.done);
    window.setTimeout(() => { label.textContent = before; }, 2500);
  });

  const muted = () => { try { return localStorage.getItem("muted") === "1"; } catch { return false; } };
  const wake = (root) => {
    root.querySelectorAll("[data-needs-js]").forEach((element) => { element.hidden = false; });
    root.querySelectorAll("[data-no-js]").forEach((element) => { element.hidden = true; });
    // A form is sent once, however often its button is pressed.
    root.querySelectorAll("form[data-once]").forEach((form) => {
      form.addEventListener("submit", (event) => {
        if (form.dataset.sent) { event.preventDefault(); return; }
        form.dataset.sent = "1";
        window.setTimeout(() => { delete form.dataset.sent; }, 8000);
      });
    });
    root.querySelectorAll("[data-autosubmit]").forEach((element) => {
      element.addEventListener("change", () => element.form && element.form.requestSubmit());
    });
    // Chosen photographs are shown before they are sent.
    root.querySelectorAll("input[type=file][data-preview]").forEach((input) => {
      const box = doc.getElementById(input.dataset.preview);
      input.addEventListener("change", () => {
        const some = input.parentElement.querySelector(".picker__some");
        const n = input.files.length;
        if (some && n) { some.textContent = n === 1 ? some.dataset.one : some.dataset.many.replace("{n}", n); say(some.textContent); }
        box.replaceChildren(...[...input.files].slice(0, 8).map((file) => {
          const image = doc.createElement("img");
          image.src = URL.createObjectURL(file); image.alt = file.name; image.className = "pic"; image.width = 96; image.height = 96;
          return image;
        }));
      });
    });
    // A countdown to a moment: text only, once a second.
    root.querySelectorAll("time[data-until]").forEach((element) => {
      const until = Date.parse(element.dataset.until);
      const tick = () => {
        if (!element.isConnected) return;
        const left = Math.max(0, Math.round((until - Date.now()) / 1000));
        element.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
        if (left > 0) window.setTimeout(tick, 1000);
      };
      tick();
    });
    root.querySelectorAll("[data-mute]").forEach((button) => { button.setAttribute("aria-pressed", String(muted())); });
    const focus = root.querySelector("[data-focus]");
    if (focus) focus.focus({ preventScroll: false });
  };
  // A live part that comes back as it stands is left alone: the focus stays, and nothing rings or is read out again.
  const standing = new WeakMap();
  const read = (html) => {
    const part = doc.createElement("template");
    part.innerHTML = html;
    const beside = [...part.content.querySelectorAll("[hx-swap-oob]")];
    const same = beside.every((element) => doc.getElementById(element.id)?.textContent === element.textContent);
    beside.forEach((element) => element.remove());
    return { same, text: part.innerHTML.replace(/(csrfmiddlewaretoken" value=")[^"]*/g, "$1").trim() };
  };
  doc.querySelectorAll("[sse-connect]").forEach((element) => standing.set(element, read(element.innerHTML).text));
  doc.addEventListener("htmx:beforeSwap", (event) => {
    const { target, serverResponse } = event.detail;
    if (!standing.has(target) || !event.detail.shouldSwap) return;
    const { same, text } = read(serverResponse);
    if (same && text === standing.get(target)) event.detail.shouldSwap = false;
    standing.set(target, text);
  });

  doc.addEventListener("DOMContentLoaded", () => wake(doc));
  doc.addEventListener("htmx:afterSwap", (event) => {
    wake(event.detail.elt);
    const note = event.detail.elt.querySelector("[data-say]");
    if (note) say(note.dataset.say);
    const bell = event.detail.elt.querySelector("[data-bell]");
    if (bell) ring(bell.dataset.bell);
  });

  // A short sound when money arrives; a lower, double one when it is too little. Can be muted, and never required.
  let audio = null;
  doc.addEventListener("pointerdown", () => { audio = audio || new (window.AudioContext || window.webkitAudioContext)(); }, { once: true });
  const tone = (at, pitch, length) => {
    const wave = audio.createOscillator(); const loud = audio.createGain();
    wave.frequency.value = pitch; wave.connect(loud); loud.connect(audio.destination);
    loud.gain.setValueAtTime(0.0001, at); loud.gain.exponentialRampToValueAtTime(0.25, at + 0.02); loud.gain.exponentialRampToValueAtTime(0.0001, at + length);
    wave.start(at); wave.stop(at + length);
  };
  const ring = (kind) => {
    if (!audio || muted()) return;
    const now = audio.currentTime;
    if (kind === "short") { tone(now, 220, 0.35); tone(now + 0.4, 220, 0.35); } else { tone(now, 660, 0.18); tone(now + 0.16, 990, 0.3); }
  };
  doc.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mute]");
    if (!button) return;
    const next = !muted();
    try { localStorage.setItem("muted", next ? "1" : "0"); } catch { return; }
    button.setAttribute("aria-pressed", String(next));
  });
})();
