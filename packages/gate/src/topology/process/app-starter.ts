// What takes longer to load than all else of a start, so that it is loaded while the parts around an app start.
export { readModuleText } from '@statefun/engine'
export { startApp } from './start-app.ts'
export { prepare } from './surroundings.ts'
