export { createMarks } from './create-marks.ts'
