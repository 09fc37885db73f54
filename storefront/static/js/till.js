// The keypad: writes into the one amount field, groups its digits, and lets the words follow.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-till]");
    if (!form) return;
    const amount = form.querySelector("input[name=amount]");
    const submit = form.querySelector("[data-submit]");
    const words = document.getElementById("words");
    // As the market reads amounts where no scripts run: "50k" is fifty thousand.
    const show = (typed) => {
      const thousands = /\d\s*k\s*$/i.test(typed.replace(/(₫|đồng|vnđ|vnd|đ)\s*$/i, ""));
      const plain = (typed.replace(/\D/g, "") + (thousands ? "000" : "")).replace(/^0+/, "").slice(0, 9);
      const grouped = plain.replace(/\B(?=(\d{3})+$)/g, ".");
      amount.value = grouped;
      submit.textContent = plain ? `${submit.dataset.text} ${grouped}\u00a0₫` : submit.dataset.text;
      if (plain) window.htmx.trigger(words, "spell"); else words.textContent = "\u00a0";
    };
    form.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]");
      const quick = event.target.closest("[data-quick]");
      if (key) show(key.dataset.key === "back" ? amount.value.replace(/\D/g, "").slice(0, -1) : amount.value + key.dataset.key);
      if (quick) { event.preventDefault(); show(quick.dataset.quick); submit.focus(); }
    });
    amount.addEventListener("input", () => show(amount.value));
    show(amount.value);
  });
})();
