"use strict";
// What HTML alone cannot: htmx's token, dialogs, marks of what is wrong, copying, the slider.
document.documentElement.classList.add("js");

const enhance = (root) => {
  for (const element of root.querySelectorAll("[data-js]")) element.hidden = false;
  for (const slider of root.querySelectorAll(".compare input[type=range]")) cut(slider);
};

const cut = (slider) => {
  slider.closest(".compare").style.setProperty("--cut", `${slider.value}%`);
  slider.setAttribute("aria-valuetext", `${slider.value} % before, ${100 - slider.value} % after`);
};

// a message beside a field, and the field's own state, say the same
const mark = () => {
  for (const message of document.querySelectorAll(".wrong[id]")) {
    const field = document.querySelector(`[aria-describedby~="${message.id}"]`);
    if (!field || field.matches("fieldset")) continue;
    if (message.textContent.trim()) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
};

const notice = (words) => {
  const place = document.getElementById("notice");
  place.textContent = words;
  place.hidden = !words;
  if (words) place.scrollIntoView({ block: "nearest" });
};

const copy = async (button) => {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = words), 2000);
};

const show = (choice) => {
  for (const part of document.querySelectorAll(`[data-when^="${choice.name}="]`)) {
    part.hidden = part.dataset.when !== `${choice.name}=${choice.value}`;
  }
};

document.addEventListener("DOMContentLoaded", () => {
  enhance(document);
  document.querySelectorAll("[data-choice]").forEach(show);
  document.querySelector(".summary")?.focus();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches(".compare input[type=range]")) cut(target);
  if (target.name) target.dataset.touched = "";
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-choice]")) show(target);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-close]");
  if (button?.dataset.copy) copy(button);
  if (button?.matches("dialog [data-close]")) {
    event.preventDefault();
    button.closest("dialog").close();
  }
});

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf-token]").content;
  if (!ctx.sourceElement.matches("[data-check]")) return;
  for (const field of document.querySelectorAll("[data-touched]")) {
    ctx.request.body.append("touched", field.name);
  }
  if (document.getElementById("uploads").files.length) ctx.request.body.append("with_files", "yes");
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const theme = ctx.sourceElement.matches(".theme") && ctx.request.submitter?.value;
  if (!theme) return;
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll(".theme button")) {
    button.setAttribute("aria-pressed", button.value === theme ? "true" : "false");
  }
});

// a refusal that is no part of a page, as of what is too large, is told instead of put into one
document.addEventListener("htmx:after:request", (event) => {
  const { response, text } = event.detail.ctx;
  notice("");
  if (!response.headers.get("content-type")?.includes("problem+json")) return;
  event.preventDefault();
  notice(`${JSON.parse(text).detail}.`);
});

document.addEventListener("htmx:error", () => {
  notice("The studio gives no answer: it has ended, or what was sent is too large.");
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  enhance(document);
  mark();
  const dialog = ctx.target?.closest?.("dialog");
  if (dialog && !dialog.open) dialog.showModal();
});
