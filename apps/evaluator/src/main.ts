#!/usr/bin/env node
import { main } from '@tidemark/assembly'
import { evaluator } from './index.ts'

void main(evaluator, process)
