// The map of points: each row of the table beside it that has a place is a point; the table says everything it says.
// Contours behind come from an address; without this file the figure stays hidden.
(function () {
  "use strict";

  const CLOSEST = 13;

  const rowsOf = (id) => [...document.querySelectorAll(`#${CSS.escape(id)} tbody tr`)];
  const hasPlace = (row) => row.dataset.lon !== undefined;

  function words(row) {
    const cells = [...row.querySelectorAll("[data-tip]")].map((cell) => `${cell.textContent.trim()} ${cell.dataset.tip}`.trim());
    const tip = document.createElement("span");
    const name = document.createElement("strong");
    name.textContent = row.querySelector("th").textContent.trim();
    tip.append(name, document.createElement("br"), cells.join(", "));
    return tip;
  }

  // Points take no place in the tab order: the table is how a keyboard reads them.
  function drawPoint(map, row) {
    const names = row.dataset.point.split(" ").map((name) => `ft-point--${name}`);
    const icon = L.divIcon({ className: ["ft-point", ...names].join(" "), iconSize: [14, 14] });
    const marker = L.marker([Number(row.dataset.lat), Number(row.dataset.lon)], { icon, keyboard: false }).addTo(map);
    marker.bindTooltip(() => words(row));
    marker.on("click", () => show(row));
    const light = (on) => { marker.getElement()?.classList.toggle("ft-point--on", on); marker.setZIndexOffset(on ? 1000 : 0); };
    for (const name of ["mouseenter", "focusin"]) row.addEventListener(name, () => light(true));
    for (const name of ["mouseleave", "focusout"]) row.addEventListener(name, () => light(false));
    return marker;
  }

  function show(row) {
    for (const other of row.parentElement.querySelectorAll(".ft-terrains__on")) other.classList.remove("ft-terrains__on");
    row.classList.add("ft-terrains__on");
    const name = row.querySelector("th a, th");
    if (name.matches("th")) name.tabIndex = -1;
    name.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
  }

  function makeMap(element) {
    const map = L.map(element, {
      attributionControl: false, zoomControl: false, scrollWheelZoom: false, maxZoom: 16,
      zoomAnimation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
    L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
    return map;
  }

  async function drawGround(map, figure, bounds) {
    const answer = await fetch(figure.dataset.fichetrackContours, { headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) return;
    const data = await answer.json();
    const isHere = (feature) => feature.properties.code === figure.dataset.fichetrackPlace;
    L.geoJSON(data, { filter: (feature) => feature.properties.fond === true, interactive: false, style: { className: "ft-map-fond" } }).addTo(map);
    L.geoJSON(data, { filter: (feature) => !feature.properties.fond && !isHere(feature), interactive: false, style: { className: "ft-map-beside" } }).addTo(map);
    const own = L.geoJSON(data, { filter: isHere, interactive: false, style: { className: "ft-map-own" } }).addTo(map);
    if (own.getLayers().length) map.fitBounds(bounds.extend(own.getBounds()), { padding: [12, 12], animate: false, maxZoom: CLOSEST });
  }

  // The legend keeps the kinds that are there.
  function trimLegend(figure, placed, rows) {
    const kinds = new Set(placed.map((row) => row.dataset.point));
    for (const key of figure.querySelectorAll("[data-fichetrack-points-key]")) {
      const kind = key.dataset.fichetrackPointsKey;
      key.hidden = ![...kinds].some((held) => held === kind || (kind !== "friches" && held.split(" ")[0] === kind));
    }
    const left = rows.filter((row) => row.querySelector("th")).length - placed.length;
    figure.querySelector("[data-fichetrack-points-left]").textContent = left ? `${left} sans coordonnées, dans le tableau seulement.` : "";
  }

  function draw(figure) {
    const rows = rowsOf(figure.dataset.fichetrackPoints);
    const placed = rows.filter(hasPlace);
    if (!placed.length) return;
    figure.hidden = false;
    const map = makeMap(figure.querySelector("[data-fichetrack-points-map]"));
    const bounds = L.latLngBounds(placed.map((row) => [Number(row.dataset.lat), Number(row.dataset.lon)]));
    map.fitBounds(bounds, { padding: [12, 12], animate: false, maxZoom: CLOSEST });
    placed.forEach((row) => drawPoint(map, row));
    trimLegend(figure, placed, rows);
    drawGround(map, figure, bounds).catch(() => {});
  }

  htmx.onLoad((target) => {
    const figures = [...target.querySelectorAll("[data-fichetrack-points]")];
    for (const figure of figures) {
      if (figure.dataset.ready) continue;
      figure.dataset.ready = "1";
      draw(figure);
    }
  });
})();
