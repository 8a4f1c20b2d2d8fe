/** The looks of the page: light or dark as the reader's system is, and a layout for phones. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: light-dark(#fbfbfa, #131416); --card: light-dark(#fff, #1b1d20); --line: light-dark(#e3e2de, #303338);
  --text: light-dark(#1d1f23, #e6e6e3); --quiet: light-dark(#62656c, #a0a4ab); --link: light-dark(#1d4ed8, #8ab4f8);
  --good: light-dark(#166534, #6ee7a0); --good-back: light-dark(#e8f5ec, #14291c);
  --bad: light-dark(#a61b1b, #fca5a5); --bad-back: light-dark(#fdecec, #371a1b);
  --odd: light-dark(#85500b, #f5c56b); --odd-back: light-dark(#fdf3df, #33270f);
  --bar: light-dark(#3f6fd8, #6d97ee); --code: light-dark(#f3f3f0, #101113);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box }
body {
  margin: 0 auto; padding: 1.5rem clamp(.9rem, 3vw, 2.5rem) 4rem; max-width: 84rem;
  background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
a { color: var(--link); text-underline-offset: .15em }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px }
code, pre { font-family: var(--mono); font-size: .86em }
h1 { font-size: 1.55rem; line-height: 1.25; margin: 0 0 .3rem }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .7rem }
h3 { font-size: 1rem; margin: 1.1rem 0 .3rem }
h4 { font-size: .9rem; margin: 1.2rem 0 .4rem }
p { margin: .3rem 0 }
time { font-variant-numeric: tabular-nums }
h3 .quiet { font-weight: 400 }
.quiet, .about, .where, footer { color: var(--quiet) }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.verdict { display: flex; gap: 1rem; align-items: center; padding: 1.1rem 1.3rem; border-radius: 10px; border: 1px solid }
.verdict.passed { color: var(--good); background: var(--good-back) }
.verdict.failed { color: var(--bad); background: var(--bad-back) }
.verdict.interrupted { color: var(--odd); background: var(--odd-back) }
.verdict .mark { font-size: 2.4rem; line-height: 1; margin: 0 }
.verdict .what { font-weight: 400 }
.verdict > div { flex: 1; min-width: 0 }
.verdict .about { color: var(--text); font-size: .93rem }
.numbers { display: flex; gap: 1.6rem; margin: 0; color: var(--text); text-align: right }
.numbers > div { display: flex; flex-direction: column-reverse }
.numbers dt { font-size: .8rem; color: var(--quiet); white-space: nowrap }
.numbers dd { margin: 0; font-size: 1.7rem; line-height: 1.1; font-variant-numeric: tabular-nums }
.numbers .passed dd { color: var(--good) } .numbers .failed dd { color: var(--bad) }
.numbers .none dd { color: var(--quiet) }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin-top: 1rem; font-size: .92rem }
.failure-list { list-style: none; margin: 0; padding: 0 }
.failure-list li { padding: .5rem .9rem; border-left: 3px solid var(--bad); background: var(--card); margin-bottom: .35rem }
.failure-list .message { display: block; color: var(--quiet); font-size: .9rem }
.engine, .tag, .tags span, .code {
  font-size: .8rem; padding: .05rem .45rem; border-radius: 99px; border: 1px solid var(--line);
  color: var(--quiet); white-space: nowrap; background: var(--card)
}
.code { font-family: var(--mono); color: var(--bad); border-color: currentColor; border-radius: 4px; white-space: normal }
table { border-collapse: collapse; width: 100%; background: var(--card); font-size: .93rem }
th, td { text-align: left; vertical-align: top; padding: .38rem .7rem; border-bottom: 1px solid var(--line); font-weight: 400 }
thead th { color: var(--quiet); font-size: .8rem; vertical-align: bottom }
.phases th:first-child { width: 24% } .phases .number { width: 5rem }
.phases .strip { position: relative; overflow: hidden; padding: 0; border-left: 1px solid var(--line) }
.phases thead .strip { height: 1.8rem } .phases .label { position: absolute; clip-path: inset(50%) }
.phases .tick { position: absolute; bottom: .25rem; padding-left: .3rem; white-space: nowrap }
.phases i { position: absolute; inset: 0 auto 0 0; border-left: 1px solid var(--line) }
.phases .bar { position: absolute; top: .6rem; height: .95rem; min-width: 3px; border-radius: 3px; background: var(--bar) }
.phases .failed .bar { background: var(--bad) } .phases .interrupted .bar { background: var(--odd) }
.phases b.failed { color: var(--bad) } .phases b.interrupted { color: var(--odd) }
.phases .message { display: block; color: var(--bad); font-size: .88rem }
.matrix td { min-width: 9rem } .matrix thead th:not(:first-child) { width: 26% }
.matrix .suite th { background: var(--code); font-weight: 600 }
.matrix .suite .quiet { font-weight: 400; font-size: .85rem; margin-left: .5rem }
.tags { display: inline-flex; flex-wrap: wrap; gap: .25rem; margin-left: .4rem }
.result { display: block } .result.passed { color: var(--good) } .result.failed, .result.failed a { color: var(--bad); font-weight: 600 }
.result.not-applicable, .result.skipped { color: var(--quiet) } .result .quiet { font-weight: 400; font-size: .86rem }
.reason { display: block; font-size: .86rem }
.failure { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 6px; padding: .3rem 1.2rem 1rem; margin-bottom: 1.2rem }
.failure .suite { color: var(--quiet); font-weight: 400 }
.error .message { white-space: pre-wrap } .error { margin: .7rem 0 }
.hint::before { content: "hint: "; color: var(--quiet) } .failure-list .hint { display: block }
pre { margin: .4rem 0; padding: .7rem .9rem; background: var(--code); border: 1px solid var(--line); border-radius: 6px; overflow: auto; max-height: 26rem; overflow-wrap: normal; line-height: 1.45 }
.diff del { color: var(--bad); text-decoration: none } .diff ins { color: var(--good); text-decoration: none }
.log time { color: var(--quiet); user-select: none } .log .bad { color: var(--bad) } .log .odd { color: var(--odd) }
.omitted { color: var(--quiet); font-style: italic }
summary { cursor: pointer; padding: .2rem 0 } details details { margin-left: 1rem }
.scroll { overflow: auto; max-height: 22rem } .tail table { font-family: var(--mono); font-size: .8rem }
.links, .parts, .notes { margin: .4rem 0; padding-left: 1.2rem } .links code { color: var(--quiet) }
.notes time { color: var(--quiet); display: inline-block; min-width: 4.5rem }
footer { margin-top: 3rem; font-size: .88rem }
@media (max-width: 44rem) {
  .verdict { flex-wrap: wrap } .verdict > div { flex-basis: 70% } .numbers { width: 100%; justify-content: space-between; text-align: left }
  .phases th:first-child { width: 38% } .phases .number { width: 4rem }
  .phases .tick:nth-of-type(2n+3) { display: none }
  .matrix thead { position: absolute; clip-path: inset(50%) }
  .matrix, .matrix tbody, .matrix tr, .matrix th, .matrix td { display: block; width: auto }
  .matrix tr { border-bottom: 1px solid var(--line); padding: .35rem 0 } .matrix th, .matrix td { border: 0; padding: .15rem .7rem }
  .matrix .suite { padding: 0 } .matrix .suite th { padding: .45rem .7rem }
  .matrix td { display: flex; gap: .6rem } .matrix td::before { content: attr(data-label); color: var(--quiet); flex: 0 0 40%; font-size: .86rem }
  .failure { padding: .2rem .8rem .8rem }
}
@media print { body { max-width: none } pre, .scroll { max-height: none } }
`
