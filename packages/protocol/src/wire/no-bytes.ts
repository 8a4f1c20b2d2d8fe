/** The one empty byte array; there is nothing in it to change. */
export const NO_BYTES: Uint8Array = new Uint8Array(0)
