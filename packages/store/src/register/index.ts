export { createRegister, markOf, type Register } from './register.ts'
