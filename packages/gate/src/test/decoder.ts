/** How bytes become a value: every type of the SDK is one. */
export interface Decoder<Out> {
  readonly deserialize: (bytes: Uint8Array) => Out
}

/** How a value becomes bytes: every type of the SDK is one. */
export interface Encoder<In> {
  readonly serialize: (value: In) => Uint8Array
}
