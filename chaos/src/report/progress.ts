/** How far a run is. */
export interface RunState {
  readonly injected: number
  readonly sent: number
  /** Records that have a visible result. */
  readonly visible: number
}

/** Tells people how a run goes on. */
export interface Progress {
  /** A run begins; `state` is asked whenever it is shown. */
  begin(fault: string, times: number, state: () => RunState): void
  /** Something happens. */
  note(text: string): void
  /** The run is over. */
  end(text: string): void
}

/** Where progress goes: a terminal shows it in one line that changes. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const REFRESH_MS = 200

/** Progress on a terminal (a live line below the notes), or as plain lines anywhere else. */
export function progressOn(screen: Screen): Progress {
  let shown = () => ''
  let timer: NodeJS.Timeout | undefined
  const began = performance.now()
  const clear = () => {
    if (screen.isTTY) screen.write('\r\u001b[2K')
  }
  const draw = () => {
    if (screen.isTTY) screen.write(`\r\u001b[2K${shown().slice(0, (screen.columns || 80) - 1)}`)
  }
  const line = (text: string) => {
    clear()
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6)
    screen.write(`${seconds} s  ${text}\n`)
  }
  return {
    begin(fault, times, state) {
      shown = () => {
        const { injected, sent, visible } = state()
        return `${fault} ${injected}/${times}  ${sent.toLocaleString('en-US')} sent  ${visible.toLocaleString('en-US')} visible`
      }
      if (screen.isTTY) timer = setInterval(draw, REFRESH_MS)
    },
    note(text) {
      line(`${shown()}  ${text}`.trimStart())
      draw()
    },
    end(text) {
      clearInterval(timer)
      line(text)
      shown = () => ''
    },
  }
}
