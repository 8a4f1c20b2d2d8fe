/*
  number => partition "/" offset [ "." function index kind ]*
    function => one letter of the function that sent it, as a record can go to several
    index    => decimal, counts what one message makes a function send
    kind     => "s" sent at once, "d" delayed, "t" delayed with a token
*/

/** What a message is called: it tells where it came from, so that no two are called the same. */
export type MessageNumber = string

export type MessageKind = 'input' | 'send' | 'delayed' | 'token'

/** How many messages led to this one. */
export function depthOf(number: MessageNumber): number {
  let depth = 0
  for (let at = number.indexOf('.'); at !== -1; at = number.indexOf('.', at + 1)) depth++
  return depth
}

export function kindOf(number: MessageNumber): MessageKind {
  if (!number.includes('.')) return 'input'
  if (number.endsWith('s')) return 'send'
  return number.endsWith('d') ? 'delayed' : 'token'
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** A message's number as its argument carries it. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text)
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
