import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from './program.ts'

const docs = join(import.meta.dirname, '../../../docs')

// `vitest run --project unit apps/cli/src/reference.test.ts -u` writes it anew.
test('the reference says what the commands are', async () => {
  const text = [
    '# Reference of the command line',
    'Made from the commands themselves. [The command line](cli.md) shows them in use.',
    '## Options of every command',
    optionTable(createProgram('0.0.0')),
    ...leaves(createProgram('0.0.0')).flatMap((command) => [
      `## \`vesemir ${termOf(command)}\``,
      `${command.description()}.`,
      ...(command.options.length > 0 ? [optionTable(command)] : []),
    ]),
  ].join('\n\n')

  await expect(`${text}\n`).toMatchFileSnapshot(join(docs, 'cli-reference.md'))
})

test('every command has an example', async () => {
  const examples = (await readExamples()).map(({ words }) => words.join(' '))

  const missing = leaves(createProgram('0.0.0'))
    .map(pathOf)
    .filter((path) => !examples.some((example) => `${example} `.startsWith(`${path} `)))
  expect(missing).toEqual([])
})

test('every example is one that the commands understand', async () => {
  for (const { line, words } of await readExamples()) {
    const program = createProgram('0.0.0')
    let isRun = false
    for (const command of leaves(program)) command.action(() => void (isRun = true))

    await program.parseAsync(words, { from: 'user' })

    expect({ line, isRun }).toEqual({ line, isRun: true })
  }
})

/** The commands of the examples in docs/cli.md, without what the shell makes of the rest of the line. */
async function readExamples(): Promise<{ line: string; words: string[] }[]> {
  const text = await readFile(join(docs, 'cli.md'), 'utf8')
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!)
  return blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => {
      const [, command] = /(?:^|<\()vesemir (.*?)(?:\)?\s+#.*|\)|\s+[<>].*)?$/.exec(line) ?? []
      return command === undefined ? [] : [{ line, words: splitWords(command) }]
    })
}

function splitWords(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

/** The commands that do something, which are those without commands of their own. */
function leaves(command: Command): Command[] {
  if (command.commands.length > 0) return visible(command).flatMap(leaves)
  return [command]
}

function visible(command: Command): Command[] {
  const shown = command.createHelp().visibleCommands(command)
  return command.commands.filter((inner) => shown.includes(inner))
}

function pathOf(command: Command): string {
  const parent = command.parent?.parent ? `${pathOf(command.parent)} ` : ''
  return `${parent}${command.name()}`
}

function termOf(command: Command): string {
  return [pathOf(command), ...command.registeredArguments.map((argument) => `<${argument.name()}>`)].join(' ')
}

function optionTable(command: Command): string {
  const rows = command.options.map((option) => {
    const { flags, description, mandatory, argChoices, defaultValue } = option
    const notes = [
      ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
      ...(mandatory ? ['needed'] : []),
      ...(defaultValue === undefined || typeof defaultValue === 'boolean'
        ? []
        : [`${String(defaultValue)} unless given`]),
    ]
    return `| \`${flags}\` | ${[description, ...notes].filter(Boolean).join('; ')} |`
  })
  return ['| option | meaning |', '| --- | --- |', ...rows].join('\n')
}
