"""The next version: from what is known now, under a lease, judged by the gate, promoted or refused."""
