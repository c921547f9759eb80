// Light or dark before anything is drawn: as chosen, else as the device is set.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
}

paint();
dark.addEventListener("change", paint);
