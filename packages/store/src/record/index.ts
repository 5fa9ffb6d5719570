export { createRecords, type RecordLines, type Records, type RecordsOptions } from './redis/create-records.ts'
export { probeWrites } from './redis/probe-writes.ts'
