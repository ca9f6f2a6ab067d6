#!/bin/sh
# Stands before git in PATH: a program without compare-and-swap, because every push wins. It shows that the proof can fail.
for word; do
  shift
  case $word in
    --force-with-lease=*) set -- "$@" --force ;;
    *) set -- "$@" "$word" ;;
  esac
done
PATH=${PATH#*:} exec git "$@"
