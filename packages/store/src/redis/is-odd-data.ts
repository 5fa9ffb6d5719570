import { ReplyError } from 'ioredis'

/** As Redis and its Lua word it where a key is of another type, what is counted is no number, or a counter was set back. */
const refusals =
  /WRONGTYPE|value is not an integer|value is not a valid float|attempt to (?:perform arithmetic|compare|concatenate|index)|ID specified in XADD/

/** Returns whether Redis refused a command since a key does not hold what Vesemir's processes write there. */
export function isOddData(error: unknown): error is Error {
  return error instanceof ReplyError && refusals.test((error as Error).message)
}
