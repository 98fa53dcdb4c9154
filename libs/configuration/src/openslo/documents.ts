import { faultText, type Fault } from '../source/fault.ts'
import { readYaml } from '../source/yaml-source.ts'
import { at, listOf, mappingOf, textOf, type Mapping } from './lenient.ts'

/** A file by its name. */
export type OpenSloFile = { readonly name: string; readonly bytes: Uint8Array }

export type OpenSloDocument = {
  readonly kind: string
  readonly name: string
  readonly annotations: Mapping
  readonly labels: Mapping
  readonly spec: unknown
}

export type OpenSloDocuments = {
  readonly documents: readonly OpenSloDocument[]
  /** Files that are no YAML: nothing of their broken documents is read. */
  readonly faults: readonly string[]
  readonly notes: readonly string[]
}

/** The documents of some files, whatever their order; a list of documents counts as its items. */
export const openSloDocuments = (files: readonly OpenSloFile[]): OpenSloDocuments => {
  const faults: string[] = []
  const notes: string[] = []
  const documents = files.flatMap(({ name: file, bytes }) => {
    const source = readYaml(bytes)
    faults.push(...source.faults.map((fault: Fault) => faultText(file, fault)))
    return source.documents
      .flatMap(({ value }) =>
        textOf(at(value, 'kind')) === 'List' ? listOf(at(value, 'items')) : listOf(value),
      )
      .map((value) => {
        const document = openSloDocument(value)
        const version = textOf(at(value, 'apiVersion'))
        if (version !== 'openslo/v1')
          notes.push(
            `${file}: ${document.kind} ${document.name}: apiVersion is ${version ?? 'missing'}, read as openslo/v1`,
          )
        return document
      })
  })
  return { documents, faults, notes }
}

/** The same for one that stands inside another. */
export const openSloDocument = (value: unknown): OpenSloDocument => ({
  kind: textOf(at(value, 'kind')) ?? 'document',
  name: textOf(at(value, 'metadata', 'name')) ?? '(no name)',
  annotations: mappingOf(at(value, 'metadata', 'annotations')),
  labels: mappingOf(at(value, 'metadata', 'labels')),
  spec: at(value, 'spec'),
})
