/** The page's own style: light and dark by what the reader's system prefers, and for paper. */
export const style = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b2430; --soft: #5c6878; --line: #dde2e9; --none: #e6eaf0;
  --bad: #c62f2f; --critical: #e0641b; --poor: #b98500; --poor-fill: #e3ab1b; --good: #1e8449; --good-fill: #36a567; --unknown: #8b97a7;
  --maintenance: #5b7fd6; --accent: #2563b8 }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2028; --ink: #e6ebf2; --soft: #98a5b5; --line: #2c3541;
  --none: #262e39; --bad: #ff6b64; --critical: #f58a45; --poor: #e5b93c; --poor-fill: #d9a520; --good: #54c98a; --good-fill: #37a86b;
  --unknown: #7f8c9d; --maintenance: #7fa0ee; --accent: #7fb2f5 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums }
main { max-width: 1240px; margin: 0 auto; padding: 28px 20px 48px }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 14px; margin-bottom: 18px }
h1 { font-size: 26px; line-height: 1.2; margin: 0; letter-spacing: -0.01em }
h2 { font-size: 16px; margin: 0 0 2px }
h3 { font-size: 13px; margin: 16px 0 4px; color: var(--soft); font-weight: 600 }
p { margin: 0 }
.soft, footer { color: var(--soft) }
.pill { display: inline-block; padding: 2px 12px; border-radius: 999px; font-weight: 600; color: #fff; background: var(--unknown); font-size: 20px }
.pill.down { background: #b3261e } .pill.critical { background: #c2540f } .pill.degraded { background: #946a00 } .pill.healthy { background: #1e8449 }
.pill.maintenance { background: #4c6fc4 } .pill.unknown { background: #667385 }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px; margin-bottom: 14px }
.tile, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.tile { padding: 12px 14px }
.tile b { display: block; font-size: 20px; white-space: nowrap; line-height: 1.25; font-weight: 650 }
.tile .of { font-size: 14px; font-weight: 400; color: var(--soft) }
.tile span { color: var(--soft); font-size: 12.5px }
section { padding: 16px 18px; margin-bottom: 14px; overflow-x: auto }
table { border-collapse: collapse; min-width: 50%; margin-top: 8px }
.changes { display: flex; flex-wrap: wrap; gap: 0 48px } .changes > div { max-width: 100%; overflow-x: auto } .changes table { margin-top: 0 }
th { text-align: left; font-size: 11px; letter-spacing: 0.05em; color: var(--soft); font-weight: 600; white-space: nowrap }
th, td { padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); vertical-align: middle }
tr:last-child td { border-bottom: 0 }
td { white-space: nowrap } td:last-child.text { white-space: normal; min-width: 220px }
.right { text-align: right }
.bad { color: var(--bad); font-weight: 600 } .poor { color: var(--poor); font-weight: 600 } .good { color: var(--good) } .muted { color: var(--soft) }
.chart { display: inline-block; vertical-align: middle; width: 150px; height: auto }
.meter { width: 100px } .wide { width: 100%; height: 8px; border-radius: 3px; margin-top: 8px; display: block }
.peak { color: var(--soft); font-size: 12px; margin-left: 8px }
.none { fill: var(--none) }
.fill-down { fill: var(--bad) } .fill-critical { fill: var(--critical) } .fill-degraded { fill: var(--poor-fill) } .fill-healthy { fill: var(--good-fill) }
.fill-unknown { fill: var(--unknown) } .fill-maintenance { fill: var(--maintenance) }
.tone-bad { fill: var(--bad) } .tone-poor { fill: var(--poor-fill) } .tone-good { fill: var(--good-fill) } .tone-muted { fill: var(--accent) }
.line polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round } .line circle { fill: var(--accent) }
.bars line { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3 }
.legend { font-size: 12px; color: var(--soft); margin-top: 8px }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 4px 0 12px }
.legend .down { background: var(--bad) } .legend .critical { background: var(--critical) } .legend .degraded { background: var(--poor-fill) }
.legend .healthy { background: var(--good-fill) } .legend .unknown { background: var(--unknown) } .legend .maintenance { background: var(--maintenance) }
.legend i:first-child { margin-left: 0 }
code { font: 12px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
footer { font-size: 12px; margin-top: 20px } footer code { word-break: break-all }
@media print { :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb } body { font-size: 11px }
  main { max-width: none; padding: 0 } section, .tile { break-inside: avoid; border-radius: 0 } section { overflow: visible; padding: 10px 0; border-width: 1px 0 0 }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`
