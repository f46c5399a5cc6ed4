from . import test_looked_at, test_picture_places, test_pictures
