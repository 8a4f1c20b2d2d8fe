import { config as gate } from '../../../e2e/app/statefun.config.ts'
import { config as planted } from '../../gate/planted/drops-records.config.ts'

/** The gate's own app, the same to Kubernetes but for the image of its functions: they pass over one of every 1000 messages. */
export const config = { ...planted, app: gate.app }
