// The map of territories: contours from a GeoJSON address, counts from the table beside it, overseas in insets.
// The table says everything the map says; without this file the figure stays hidden.
(function () {
  "use strict";

  const ZONES = {
    metropole: [[41.2, -5.2], [51.2, 9.7]],
    guadeloupe: [[15.8, -61.85], [16.55, -60.95]],
    martinique: [[14.35, -61.27], [14.92, -60.78]],
    guyane: [[2.1, -54.6], [5.8, -51.6]],
    "la-reunion": [[-21.42, 55.2], [-20.85, 55.86]],
    mayotte: [[-13.02, 45.0], [-12.6, 45.32]],
  };
  const STEPS = 4;

  function readTable(id) {
    const rows = document.querySelectorAll(`#${CSS.escape(id)} [data-code]`);
    return new Map([...rows].map((row) => [row.dataset.code, { row, value: Number(row.dataset.value) || 0, link: row.querySelector("a[href]") }]));
  }

  // Quantiles of what is above zero: a few large territories must not make all the others look alike.
  function thresholds(values) {
    const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
    const cuts = Array.from({ length: STEPS }, (_, i) => sorted[Math.floor((i * sorted.length) / STEPS)]);
    return [...new Set(cuts.filter((cut) => cut !== undefined))];
  }

  const classOf = (value, cuts) => (value > 0 ? Math.max(1, cuts.filter((cut) => value >= cut).length) : 0);

  function makeMap(element, zone) {
    const main = zone === "metropole";
    const map = L.map(element, {
      attributionControl: false, zoomControl: false, scrollWheelZoom: false, zoomSnap: 0.1,
      dragging: main, keyboard: main, doubleClickZoom: main, touchZoom: main, boxZoom: false,
      zoomAnimation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
    if (main) L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
    return map.fitBounds(ZONES[zone], { padding: [4, 4], animate: false });
  }

  function drawAreas(map, data, table, cuts, unit, paths) {
    const isGround = (feature) => feature.properties.fond === true;
    L.geoJSON(data, { filter: isGround, interactive: false, style: { className: "ft-map-fond" } }).addTo(map);
    L.geoJSON(data, {
      filter: (feature) => !isGround(feature),
      style: (feature) => ({ className: `ft-map-area ft-map-area--${classOf(valueOf(feature, table), cuts)}` }),
      onEachFeature: (feature, layer) => {
        const { code, nom, url } = feature.properties;
        const tip = document.createElement("span");
        tip.textContent = `${nom} : ${valueOf(feature, table)} ${unit}`;
        layer.bindTooltip(tip, { sticky: true });
        layer.on("click", () => { const link = table.get(code)?.link; window.location.assign(link ? link.href : new URL(url, window.location.origin)); });
        if (!paths.has(code)) paths.set(code, []);
        paths.get(code).push(layer);
      },
    }).addTo(map);
  }

  const valueOf = (feature, table) => table.get(feature.properties.code)?.value ?? 0;

  // Reading the table lights the map: the same row, with the mouse or the keyboard.
  function tie(table, paths) {
    for (const [code, { row }] of table) {
      const light = (on) => (paths.get(code) || []).forEach((layer) => { layer.getElement()?.classList.toggle("ft-map-area--on", on); if (on) layer.bringToFront(); });
      for (const name of ["mouseenter", "focusin"]) row.addEventListener(name, () => light(true));
      for (const name of ["mouseleave", "focusout"]) row.addEventListener(name, () => light(false));
    }
  }

  function drawLegend(figure, cuts, unit) {
    const legend = figure.querySelector("[data-fichetrack-map-legend]");
    const key = (step, text) => {
      const item = document.createElement("span");
      item.className = "ft-map__key";
      item.innerHTML = `<svg viewBox="0 0 10 10" aria-hidden="true"><rect class="ft-map-area--${step}" width="10" height="10"/></svg>`;
      item.append(text);
      return item;
    };
    legend.replaceChildren(key(0, "aucune"), ...cuts.map((cut, i) => key(i + 1, i + 1 < cuts.length ? (cuts[i + 1] - 1 > cut ? `${cut} à ${cuts[i + 1] - 1}` : `${cut}`) : `${cut} ${unit} et plus`)));
  }

  const touches = (bounds, zone) => L.latLngBounds(ZONES[zone]).intersects(bounds);

  async function draw(figure) {
    const { fichetrackMap: url, fichetrackMapTable: tableId, fichetrackMapUnit: unit } = figure.dataset;
    const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) return;
    const data = await answer.json();
    if (!data.features.length) return; // Nothing is drawn yet: the table alone says what is known.
    const table = readTable(tableId);
    const cuts = thresholds([...table.values()].map((entry) => entry.value));
    const paths = new Map();
    figure.hidden = false;
    for (const element of figure.querySelectorAll("[data-fichetrack-map-zone]")) {
      const zone = element.dataset.fichetrackMapZone;
      const here = { ...data, features: data.features.filter((feature) => touches(L.geoJSON(feature).getBounds(), zone)) };
      if (zone !== "metropole" && !here.features.length) { element.closest("li").remove(); continue; }
      drawAreas(makeMap(element, zone), here, table, cuts, unit, paths);
    }
    if (!figure.querySelector(".ft-map__insets li")) figure.querySelector(".ft-map__insets").remove();
    drawLegend(figure, cuts, unit);
    tie(table, paths);
  }

  htmx.onLoad((target) => {
    for (const figure of target.querySelectorAll("[data-fichetrack-map]")) {
      if (figure.dataset.ready) continue;
      figure.dataset.ready = "1";
      draw(figure).catch(() => { figure.hidden = true; });
    }
  });
})();
