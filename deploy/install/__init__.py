"""Puts a release on a Debian or Ubuntu machine: a plan of steps, each done or to do.

    steps     what a step is: a file, a link, a command …; whether it is done, and doing it
    release   the sources and their environment, in a directory named by their content
    plan      the steps of installing, going back and uninstalling

With the standard library alone: it runs on the system's own python3, before anything is installed.
"""
