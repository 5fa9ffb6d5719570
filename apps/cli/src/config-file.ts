import { z } from 'zod'
import { complaintOfToken, complaintOfUrl } from './config.ts'
import { parseYaml } from '@vesemir/process/settings'

const complainedBy = (complaintOf: (text: string) => string | undefined) =>
  z.string({ error: 'is not a text' }).superRefine((text, context) => {
    const complaint = complaintOf(text)
    if (complaint !== undefined) context.addIssue(complaint)
  })

const ConfigFile = z
  .strictObject({ url: complainedBy(complaintOfUrl).optional(), token: complainedBy(complaintOfToken).optional() })
  .nullable()

/** Reads the text of the settings file. @throws {VesemirError} `CONFIG_INVALID`, with the places of what is wrong */
export function parseConfigFile(text: string, file: string): z.output<typeof ConfigFile> {
  return parseYaml(text, { schema: ConfigFile, file, code: 'CONFIG_INVALID' })
}
