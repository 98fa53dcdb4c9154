#!/usr/bin/env node
import { main } from '@tidemark/assembly'
import { reporter } from './index.ts'

void main(reporter, process)
