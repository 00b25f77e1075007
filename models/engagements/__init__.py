"""Vendors, engagements, their people, sides and absences."""
