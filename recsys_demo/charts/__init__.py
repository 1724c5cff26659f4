"""Figures from plain values; no page and no Streamlit here."""
