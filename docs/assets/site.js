// On a phone, a table that is wider than the screen becomes a list of its rows, with the title of each column.
function fit() {
  for (const table of document.querySelectorAll("article table.docutils")) {
    table.classList.remove("stacked");
    const titles = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, place) => cell.setAttribute("data-title", titles[place] ?? ""));
    }
    const narrow = window.matchMedia("(max-width: 46em)").matches;
    table.classList.toggle("stacked", narrow && table.offsetWidth > table.parentElement.clientWidth);
  }
}

document.addEventListener("DOMContentLoaded", fit);
window.addEventListener("resize", fit);
