// The invitation of a client: shared by what the phone offers for that, else put into the clipboard.
for (const button of document.querySelectorAll("[data-shares]")) {
  const can = navigator.share || navigator.clipboard;
  button.hidden = !can;
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) await navigator.share({ url: button.dataset.shares });
      else {
        await navigator.clipboard.writeText(button.dataset.shares);
        document.getElementById("shared").textContent = button.dataset.done;
      }
    } catch { /* they closed the list of ways to share: nothing is to be told */ }
  });
}
