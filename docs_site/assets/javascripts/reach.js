// What the theme leaves out for those who read by keyboard or by ear: tables that scroll can be reached, and no two
// landmarks have one name.
addEventListener("load", () => {
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) {
    table.tabIndex = 0;
    table.setAttribute("role", "group");
    table.setAttribute("aria-label", "Table");
  }
  document.querySelectorAll(".md-code__nav").forEach((buttons, number) => {
    buttons.setAttribute("aria-label", `Block ${number + 1}`);
  });
  for (const part of document.querySelectorAll(".md-nav--secondary .md-nav[aria-label]")) {
    part.setAttribute("aria-label", `${part.getAttribute("aria-label")}, on this page`);
  }
  document.querySelector(".md-path")?.setAttribute("aria-label", "Where this page stands");
});
