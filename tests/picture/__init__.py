from . import test_picture_places, test_pictures
