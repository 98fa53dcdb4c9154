import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './kafka-jars.ts'

export type ImageUse = 'kafka' | 'postgres'

/** The image for a use: what users pull, or another one with the same environment variables that TIDEMARK_KAFKA_IMAGE ... names. */
export const imageOf = (use: ImageUse): string => {
  const given = process.env[imageVariable(use)] ?? ''
  return given === '' ? (JSON.parse(readFileSync(imagesFile, 'utf8')) as Images)[use] : given
}

export const imageVariable = (use: ImageUse): string => `TIDEMARK_${use.toUpperCase()}_IMAGE`

type Images = Readonly<Record<ImageUse, string>>

const imagesFile = join(repositoryRoot, 'infra', 'images.json')
