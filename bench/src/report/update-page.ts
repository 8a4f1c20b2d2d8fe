/** Writes the results of docs/performance.md anew: `node bench/src/report/update-page.ts`. */
import { updatePerformancePage } from './performance-page.ts'

updatePerformancePage()
