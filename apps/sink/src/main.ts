#!/usr/bin/env node
import { main } from '@tidemark/assembly'
import { sink } from './index.ts'

void main(sink, process)
