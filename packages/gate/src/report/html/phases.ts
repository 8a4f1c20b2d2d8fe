import { duration, oneLine } from '../readable.ts'
import type { ReportedPhase, RunReport } from '../run-report.ts'
import { Html, html } from './html.ts'

const MOST_TICKS = 6

/** The phases with their seconds, each as a bar on the time of the run. */
export function phases(report: RunReport): Html | undefined {
  if (report.phases.length === 0) return undefined
  const end = Math.max(report.seconds, ...report.phases.map(({ begin, seconds }) => begin + seconds), 0.001)
  const ticks = ticksUpTo(end)
  return html`<section aria-labelledby="phases"><h2 id="phases">Phases</h2>
<table class="phases">
<thead><tr><th scope="col">phase</th><th scope="col" class="number">seconds</th>
<th scope="col" class="strip"><span class="label">when</span>${ticks.map(
    (tick) => html`<span class="tick" style="left:${share(tick, end)}">${tick} s</span>`,
  )}</th></tr></thead>
<tbody>
${report.phases.map((phase) => row(phase, end, ticks))}
</tbody></table></section>`
}

function row(phase: ReportedPhase, end: number, ticks: readonly number[]): Html {
  const { name, begin, seconds, status, error } = phase
  const width = Math.max((seconds / end) * 100, 0.4)
  const left = Math.min((begin / end) * 100, 100 - width)
  return html`<tr class="${status}"><th scope="row">${name}${status !== 'done' && html` <b class="${status}">${status}</b>`}${
    error !== undefined && html`<span class="message">${error.code} ${oneLine(error.message)}</span>`
  }</th>
<td class="number">${seconds.toFixed(1)}</td>
<td class="strip" title="from ${duration(begin)} to ${duration(begin + seconds)}">${ticks.map(
    (tick) => html`<i style="left:${share(tick, end)}"></i>`,
  )}<span class="bar" style="left:${percent(left)};width:${percent(width)}"></span></td></tr>
`
}

/** Whole seconds at even distances, such as 0, 5, 10. */
function ticksUpTo(end: number): readonly number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]
  const step = steps.find((seconds) => end / seconds <= MOST_TICKS) ?? Math.ceil(end / MOST_TICKS)
  const ticks: number[] = []
  // The last label needs room to the right of its line.
  for (let tick = 0; tick <= end * 0.94; tick += step) ticks.push(tick)
  return ticks
}

function share(seconds: number, end: number): Html {
  return percent((seconds / end) * 100)
}

function percent(value: number): Html {
  return new Html(`${value.toFixed(2)}%`)
}
