/** On a phone each row is a card; on paper it is a table in black. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f7f8f7; --sheet: #fff; --ink: #17211d; --quiet: #55625c; --line: #d8dedb; --tint: #eaf1ee; --accent: #0b6b53;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #10151a; --sheet: #171e24; --ink: #e6ecea; --quiet: #a0adab; --line: #2e3941; --tint: #1f2b2e; --accent: #6fd3b4; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
main { max-width: 84rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 3vw, 2.5rem); }
h1 { margin: 0; font-size: clamp(1.6rem, 1.2rem + 1.8vw, 2.4rem); line-height: 1.15; letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere; }
p { margin: .75rem 0 2rem; max-width: 42rem; color: var(--quiet); font-size: 1.0625rem; }
table { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 0; border: 1px solid var(--line); border-radius: .75rem; background: var(--sheet); font-size: .9375rem; }
caption { caption-side: bottom; padding: .75rem 0 0; text-align: start; color: var(--quiet); font-size: .875rem; }
th, td { padding: .875rem; text-align: start; vertical-align: top; overflow-wrap: anywhere; hyphens: auto; }
code { hyphens: none; }
thead th { position: sticky; inset-block-start: 0; background: var(--tint); font-size: .8125rem; }
thead th:first-child { border-start-start-radius: .7rem; }
thead th:last-child { border-start-end-radius: .7rem; }
tbody th, tbody td { border-block-start: 1px solid var(--line); }
tbody th { font-weight: 400; }
thead th:nth-child(1) { width: 19%; }
thead th:nth-child(2) { width: 19%; }
thead th:nth-child(3) { width: 12%; }
thead th:nth-child(4) { width: 13%; }
thead th:nth-child(5) { width: 23%; }
code { font: 600 .875rem/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; color: var(--accent); }
dl code { font-size: .8125rem; font-weight: 400; color: inherit; }
dl { margin: .375rem 0 0; color: var(--quiet); font-size: .8125rem; line-height: 1.45; }
dl div { margin-block-start: .125rem; }
dt, dd { display: inline; margin: 0; }
dt::after { content: ': '; }
dd { color: var(--ink); }
ol { margin: 0; padding: 0; list-style: none; counter-reset: place; }
li + li { margin-block-start: .75rem; }
li b { font-weight: 600; }
li:not(:only-child) { position: relative; padding-inline-start: 1.625rem; counter-increment: place; }
li:not(:only-child)::before { content: counter(place); position: absolute; inset-inline-start: 0; inset-block-start: .15rem; width: 1.125rem; border-radius: .3rem; background: var(--tint); color: var(--quiet); font-size: .75rem; line-height: 1.125rem; text-align: center; }
@media screen and (max-width: 68rem) {
  table, tbody, tr, th[scope=row], td { display: block; width: auto; }
  table { border: 0; background: none; }
  caption { display: block; padding: 0 0 .75rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { margin-block-end: 1rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--sheet); overflow: hidden; }
  tbody th[scope=row] { border: 0; background: var(--tint); }
  tbody td { display: grid; grid-template-columns: 7.75rem minmax(0, 1fr); gap: .25rem .75rem; }
  td.where { grid-template-columns: minmax(0, 1fr); }
  td::before { content: attr(data-label); color: var(--quiet); font-size: .8125rem; line-height: 1.75; hyphens: auto; }
}
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  :root { --ground: #fff; --sheet: #fff; --ink: #000; --quiet: #333; --line: #999; --tint: #eee; --accent: #000; }
  body { font-size: 9pt; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 17pt; }
  p { margin: 4pt 0 10pt; font-size: 10pt; }
  table { font-size: 8.5pt; border-radius: 0; }
  th, td { padding: 5pt 6pt; }
  thead th { position: static; border-radius: 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  code, dl code, dl, thead th, caption { font-size: 8pt; }
}
`
