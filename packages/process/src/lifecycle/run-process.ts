import { errorTable, isVesemirError, type VesemirError } from '@vesemir/core'
import { describeError, type DescribedError } from '../log/describe-error.ts'
import type { Masker } from '../masking/index.ts'
import type { FieldError } from '../settings/parse-yaml.ts'

/**
 * Runs what a process is for. Wrong settings end it with exit code 2, and data of a newer version with 7; stderr says what is wrong. Any
 * other error, thrown by whatever part of it, ends it with 1 and its stack. Node would print all that hangs on an error, a password
 * among it; `masker` takes secrets out of the rest.
 */
export async function runProcess(run: () => Promise<void>, masker: Pick<Masker, 'mask'> = noMasker): Promise<void> {
  const crash: (error: unknown) => never = (error) => {
    console.error(masker.mask(stackLines(describeError(error)).join('\n')))
    process.exit(1)
  }
  process.once('uncaughtException', crash)
  try {
    await run()
  } catch (error) {
    if (!isVesemirError(error, 'CONFIG_INVALID', 'SCHEMA_TOO_NEW')) crash(error)
    console.error(settingsLines(error).join('\n'))
    process.exitCode = errorTable[error.code].exit
  }
}

const noMasker = { mask: (text: string) => text }

function settingsLines({ code, message, details }: VesemirError): string[] {
  const { errors = [] } = details as { errors?: FieldError[] }
  return [`error: ${message} (${code})`, ...errors.map(fieldLine), `→ ${errorTable[code].hint}`]
}

function fieldLine({ field, message, place }: FieldError): string {
  return `  ${place === undefined ? '' : `${place}  `}${field === '' ? '' : `${field}: `}${message}`
}

function stackLines({ name, message, stack = `${name}: ${message}`, cause }: DescribedError): string[] {
  return [stack, ...(cause ? ['caused by:', ...stackLines(cause)] : [])]
}
