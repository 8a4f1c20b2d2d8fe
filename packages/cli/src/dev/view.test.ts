import { describe, expect, it } from 'vitest'
import { DevView } from './view.ts'

function view(isTTY: boolean) {
  const written: string[] = []
  const stream = { isTTY, columns: 60, write: (text: string) => void written.push(text) }
  return { view: new DevView(stream), written }
}

const record = { topic: 't', partition: 0, offset: 3, key: 'k', value: '{"a":1}', headers: 'h=1' }

describe('DevView', () => {
  it('writes plain lines to a pipe', () => {
    const { view: dev, written } = view(false)
    dev.status('running')
    dev.record('in', record)
    dev.record('out', { ...record, headers: '' })
    dev.close()
    expect(written.join('')).toBe('-> t  k  {"a":1}  [h=1]\n<- t  k  {"a":1}\n')
  })

  it('keeps a line with the status below them on a terminal', () => {
    const { view: dev, written } = view(true)
    dev.status('running')
    expect(written.join('')).toContain('running | in 0 | out 0')
    written.length = 0
    dev.record('in', record)
    // The status goes away, the record is written, and the status comes back counted.
    expect(written[0]).toBe('\r\u001b[K')
    expect(written[1]).toContain('{"a":1}')
    expect(written[2]).toContain('running | in 1 | out 0')
    expect(written[2]).not.toContain('\n')
    written.length = 0
    dev.close()
    dev.print('bye')
    expect(written).toEqual(['\r\u001b[K', 'bye\n'])
  })
})
