import { counter } from './counter.ts'

/** The functions of this app, for the embedded engine and for the server alike. */
export const functions = [counter]
